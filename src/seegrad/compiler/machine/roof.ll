; Two loops to measure a machine by. `roofline.py` puts in how wide vectors are: four
; registers each.

; x = x * 0.5 + 0.5, in twelve registers, as many as hide how long one step takes: nothing
; but arithmetic. (It comes to 1, so no number is ever slow.)
define void @add(ptr %source, ptr %out, i64 %rounds, i64 %mask) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %x = phi $vector [ splat (float 5.0e-01), %entry ], [ %x.new, %loop ]
  %y = phi $vector [ splat (float 5.0e-01), %entry ], [ %y.new, %loop ]
  %z = phi $vector [ splat (float 5.0e-01), %entry ], [ %z.new, %loop ]
  %x.half = fmul contract $vector %x, splat (float 5.0e-01)
  %y.half = fmul contract $vector %y, splat (float 5.0e-01)
  %z.half = fmul contract $vector %z, splat (float 5.0e-01)
  %x.new = fadd contract $vector %x.half, splat (float 5.0e-01)
  %y.new = fadd contract $vector %y.half, splat (float 5.0e-01)
  %z.new = fadd contract $vector %z.half, splat (float 5.0e-01)
  %next = add i64 %i, 1
  %again = icmp slt i64 %next, %rounds
  br i1 %again, label %loop, label %done
done:
  %xy = fadd $vector %x.new, %y.new
  %xyz = fadd $vector %xy, %z.new
  store $vector %xyz, ptr %out, align 4
  ret void
}

; out[i] = source[i] + 0.5, round and round in a part of memory that %mask tells: nothing
; but loads and stores.
define void @move(ptr noalias %source, ptr noalias %out, i64 %count, i64 %mask) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %at = and i64 %i, %mask
  %from = getelementptr float, ptr %source, i64 %at
  %to = getelementptr float, ptr %out, i64 %at
  %x = load $vector, ptr %from, align 4
  %y = fadd $vector %x, splat (float 5.0e-01)
  store $vector %y, ptr %to, align 4
  %next = add i64 %i, $step
  %again = icmp slt i64 %next, %count
  br i1 %again, label %loop, label %done
done:
  ret void
}
