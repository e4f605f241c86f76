; Waiting, working and meeting: what the threads of a step do between its instructions.
;
; Every thread runs the same step. Work is posted into a mailbox of each worker; where
; the step needs the results of all, the threads meet at a barrier. Who waits first spins,
; because most waits are shorter than a call of the system, and then sleeps in the system,
; because a spinning thread may hold the very core that the awaited one needs.
;
; The words that different threads write are 128 bytes apart, or each write of one would
; slow down the others. `pool.py` has the same layout, and the functions that depend on
; the system: @pause, @sleep and @wake.

%Patience = type {
  i32,              ; 0 spins: how often to look before falling asleep
  i32,              ; 1 most: how often that may be
  i32               ; 2 failures: how often spinning was in vain
}

%Mailbox = type {
  i32,              ; 0 posted: how many jobs have been posted here
  i32,              ; 1 sleepers: 1 while the worker is asleep
  ptr,              ; 2 step: the function to run
  ptr,              ; 3 context: its argument
  i64,              ; 4 threads: how many run it
  [24 x i32],
  %Patience,        ; 6 of the worker, for the next job
  [29 x i32]
}

%Pool = type {
  i32,              ; 0 busy: 1 while a job is running
  i32,              ; 1 workers: how many there are
  [30 x i32],
  ptr,              ; 3 barrier: the function @barrier, for steps to call
  %Patience,        ; 4 of all threads, at the barrier
  [27 x i32],
  i32,              ; 6 arrived: how many threads are at the barrier
  [31 x i32],
  i32,              ; 8 generation: how often the barrier has opened
  i32,              ; 9 sleepers: how many sleep there
  [30 x i32],
  [256 x %Mailbox]  ; 11 mailboxes, by the number of the thread
}

%Job = type {
  ptr,              ; 0 pool
  ptr,              ; 1 step: void (ptr context, i64 thread, i64 threads)
  ptr,              ; 2 context
  i64               ; 3 threads: how many are wanted
}

; Return when the word is no longer what it was.
define internal void @wait(ptr %word, i32 %old, ptr %sleepers, ptr %patience) noinline {
entry:
  %most.at = getelementptr %Patience, ptr %patience, i32 0, i32 1
  %most = load i32, ptr %most.at
  %spins = load atomic i32, ptr %patience monotonic, align 4
  br label %look
look:
  %round = phi i32 [ 0, %entry ], [ %next, %pausing ]
  %now = load atomic i32, ptr %word acquire, align 4
  %unchanged = icmp eq i32 %now, %old
  br i1 %unchanged, label %again, label %seen
again:
  %next = add i32 %round, 1
  %patient = icmp ult i32 %round, %spins
  br i1 %patient, label %pausing, label %vain
pausing:
  call void @pause()
  br label %look

seen:
  ; Spinning pays: next time twice as long. (Seen at the first look says nothing.)
  %at.once = icmp eq i32 %round, 0
  %full = icmp eq i32 %spins, %most
  %leave = or i1 %at.once, %full
  br i1 %leave, label %done, label %encourage
encourage:
  %twice = shl i32 %spins, 1
  %more = add i32 %twice, 16
  %longer = call i32 @llvm.umin.i32(i32 %more, i32 %most)
  store atomic i32 %longer, ptr %patience monotonic, align 4
  br label %done

vain:
  ; Perhaps the awaited thread waits for our core: next time half as long, and after so
  ; many failures a try in earnest, for times change.
  %failures.at = getelementptr %Patience, ptr %patience, i32 0, i32 2
  %failures = atomicrmw add ptr %failures.at, i32 1 monotonic
  %rest = and i32 %failures, 63
  %earnest = icmp eq i32 %rest, 63
  %half = lshr i32 %spins, 1
  %changed = select i1 %earnest, i32 %most, i32 %half
  store atomic i32 %changed, ptr %patience monotonic, align 4
  br label %sleeping
sleeping:
  ; First say that we sleep, then look again: whoever changes the word does the reverse,
  ; so one of the two sees the other and nobody sleeps through.
  %naps = phi i32 [ 0, %vain ], [ %following, %sleeping ]
  %before = atomicrmw add ptr %sleepers, i32 1 seq_cst
  call void @sleep(ptr %word, i32 %old, i32 %naps)
  %after = atomicrmw sub ptr %sleepers, i32 1 seq_cst
  %following = add i32 %naps, 1
  %then = load atomic i32, ptr %word acquire, align 4
  %still = icmp eq i32 %then, %old
  br i1 %still, label %sleeping, label %done
done:
  ret void
}

; Change a word that others wait for.
define internal void @advance(ptr %word, ptr %sleepers) alwaysinline {
  %old = atomicrmw add ptr %word, i32 1 seq_cst
  %asleep = load atomic i32, ptr %sleepers seq_cst, align 4
  %any = icmp ne i32 %asleep, 0
  br i1 %any, label %wake, label %done
wake:
  call void @wake(ptr %word)
  br label %done
done:
  ret void
}

; Return when all threads have come.
define void @barrier(ptr %pool, i64 %threads) {
  %arrived = getelementptr %Pool, ptr %pool, i32 0, i32 6
  %generation = getelementptr %Pool, ptr %pool, i32 0, i32 8
  %sleepers = getelementptr %Pool, ptr %pool, i32 0, i32 9
  %mine = load atomic i32, ptr %generation acquire, align 4
  %earlier = atomicrmw add ptr %arrived, i32 1 acq_rel
  %here = add i32 %earlier, 1
  %all = trunc i64 %threads to i32
  %last = icmp eq i32 %here, %all
  br i1 %last, label %open, label %closed
open:
  store atomic i32 0, ptr %arrived monotonic, align 4
  call void @advance(ptr %generation, ptr %sleepers)
  ret void
closed:
  %patience = getelementptr %Pool, ptr %pool, i32 0, i32 4
  call void @wait(ptr %generation, i32 %mine, ptr %sleepers, ptr %patience)
  ret void
}

; The life of a worker: wait, run its share, meet the others, and again.
define void @work(ptr %pool, i64 %thread, i32 %seen) {
entry:
  %mailbox = getelementptr %Pool, ptr %pool, i32 0, i32 11, i64 %thread
  %sleepers = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 1
  %step.at = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 2
  %context.at = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 3
  %threads.at = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 4
  %patience = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 6
  br label %job
job:
  %done = phi i32 [ %seen, %entry ], [ %new, %job ]
  call void @wait(ptr %mailbox, i32 %done, ptr %sleepers, ptr %patience)
  %step = load ptr, ptr %step.at
  %context = load ptr, ptr %context.at
  %threads = load i64, ptr %threads.at
  %new = add i32 %done, 1
  call void %step(ptr %context, i64 %thread, i64 %threads)
  call void @barrier(ptr %pool, i64 %threads)
  br label %job
}

; Run a step on the wanted threads, as thread 0 of them. While the pool serves another
; caller the step runs on this thread alone: nobody waits for the pool. The result is 1
; where there are fewer workers than wanted, and 0 otherwise.
define i32 @dispatch(ptr %job) {
entry:
  %step.from = getelementptr %Job, ptr %job, i32 0, i32 1
  %context.from = getelementptr %Job, ptr %job, i32 0, i32 2
  %wanted.from = getelementptr %Job, ptr %job, i32 0, i32 3
  %pool = load ptr, ptr %job
  %step = load ptr, ptr %step.from
  %context = load ptr, ptr %context.from
  %wanted = load i64, ptr %wanted.from
  %workers.at = getelementptr %Pool, ptr %pool, i32 0, i32 1
  %workers = load atomic i32, ptr %workers.at acquire, align 4
  %present = zext i32 %workers to i64
  %most = add i64 %present, 1
  %enough = icmp sle i64 %wanted, %most
  %threads = select i1 %enough, i64 %wanted, i64 %most
  %missing = select i1 %enough, i32 0, i32 1
  %several = icmp sgt i64 %threads, 1
  br i1 %several, label %ask, label %alone
ask:
  %asked = cmpxchg ptr %pool, i32 0, i32 1 acq_rel monotonic
  %free = extractvalue { i32, i1 } %asked, 1
  br i1 %free, label %post, label %alone
alone:
  call void %step(ptr %context, i64 0, i64 1)
  ret i32 %missing
post:
  %thread = phi i64 [ 1, %ask ], [ %next, %posted ]
  %mailbox = getelementptr %Pool, ptr %pool, i32 0, i32 11, i64 %thread
  %sleepers = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 1
  %step.at = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 2
  %context.at = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 3
  %threads.at = getelementptr %Mailbox, ptr %mailbox, i32 0, i32 4
  store ptr %step, ptr %step.at
  store ptr %context, ptr %context.at
  store i64 %threads, ptr %threads.at
  call void @advance(ptr %mailbox, ptr %sleepers)
  br label %posted
posted:
  %next = add i64 %thread, 1
  %more = icmp slt i64 %next, %threads
  br i1 %more, label %post, label %share
share:
  call void %step(ptr %context, i64 0, i64 %threads)
  call void @barrier(ptr %pool, i64 %threads)
  store atomic i32 0, ptr %pool release, align 4
  ret i32 %missing
}

; Pass some time: how long a round of spinning takes is measured with it.
define void @spin(i32 %rounds) {
entry:
  br label %loop
loop:
  %round = phi i32 [ 0, %entry ], [ %next, %loop ]
  call void @pause()
  %next = add i32 %round, 1
  %more = icmp ult i32 %next, %rounds
  br i1 %more, label %loop, label %done
done:
  ret void
}
