; Results: arrays and nodes that are made before a run, and what is written after it.
;
; A node is made as `link` in `node.py` makes it, part by part.

; A new array, alone or in a new node; false if there is no memory for it. Python may
; collect garbage meanwhile, and a finalizer may call this very step: so what the next
; result needs is put back.
define internal i1 @make(ptr %result, ptr %call) {
  %made.at = getelementptr %Call, ptr %call, i32 0, i32 31
  %moment.at = getelementptr %Call, ptr %call, i32 0, i32 33
  %made = load ptr, ptr %made.at
  %moment = load ptr, ptr %moment.at
  %done = call i1 @make_one(ptr %result, ptr %call, ptr %made, ptr %moment)
  store ptr %made, ptr %made.at
  store ptr %moment, ptr %moment.at
  ret i1 %done
}

define internal i1 @make_one(ptr %result, ptr %call, ptr %made, ptr %moment) {
entry:
  %position = load i64, ptr %result
  %type.at = getelementptr %Result, ptr %result, i32 0, i32 1
  %form.at = getelementptr %Result, ptr %result, i32 0, i32 2
  %type = load ptr, ptr %type.at
  %form = load ptr, ptr %form.at
  %is.value = icmp eq ptr %form, null
  br i1 %is.value, label %node, label %array
array:
  %empty.at = getelementptr %Call, ptr %call, i32 0, i32 25
  %empty = load ptr, ptr %empty.at
  %new = call ptr @PyObject_Call(ptr %empty, ptr %form, ptr null)
  %failed = icmp eq ptr %new, null
  br i1 %failed, label %no, label %whose
whose:
  %alone = icmp eq ptr %type, null
  br i1 %alone, label %array.alone, label %freeze
array.alone:
  %kept = call i32 @PyTuple_SetItem(ptr %made, i64 %position, ptr %new)
  ret i1 true
freeze:
  %flags.at = getelementptr %Array, ptr %new, i32 0, i32 7
  %flags = load i32, ptr %flags.at
  %frozen = and i32 %flags, -1025 ; all but NPY_ARRAY_WRITEABLE
  store i32 %frozen, ptr %flags.at
  br label %node
node:
  %data = phi ptr [ null, %entry ], [ %new, %freeze ]
  %out = call ptr @PyType_GenericAlloc(ptr %type, i64 0)
  %no.room = icmp eq ptr %out, null
  br i1 %no.room, label %drop, label %fill
drop:
  call void @Py_DecRef(ptr %data)
  ret i1 false
fill:
  %full = call i32 @PyTuple_SetItem(ptr %made, i64 %position, ptr %out)
  %data.at = getelementptr %Node, ptr %out, i32 0, i32 1
  %grad.at = getelementptr %Node, ptr %out, i32 0, i32 2
  %flag.at = getelementptr %Node, ptr %out, i32 0, i32 3
  %born.at = getelementptr %Node, ptr %out, i32 0, i32 4
  %inputs.at = getelementptr %Node, ptr %out, i32 0, i32 5
  %name.at = getelementptr %Node, ptr %out, i32 0, i32 6
  %op.at = getelementptr %Node, ptr %out, i32 0, i32 7
  %settings.at = getelementptr %Node, ptr %out, i32 0, i32 8
  %its.flag.at = getelementptr %Result, ptr %result, i32 0, i32 3
  %its.op.at = getelementptr %Result, ptr %result, i32 0, i32 4
  %its.inputs.at = getelementptr %Result, ptr %result, i32 0, i32 5
  %none.at = getelementptr %Call, ptr %call, i32 0, i32 21
  %no.settings.at = getelementptr %Call, ptr %call, i32 0, i32 27
  %none = load ptr, ptr %none.at
  %its.flag = load ptr, ptr %its.flag.at
  %its.op = load ptr, ptr %its.op.at
  %its.inputs = load ptr, ptr %its.inputs.at
  %no.settings = load ptr, ptr %no.settings.at
  store ptr %data, ptr %data.at
  call void @put(ptr %grad.at, ptr %none)
  call void @put(ptr %flag.at, ptr %its.flag)
  call void @put(ptr %born.at, ptr %moment)
  call void @put(ptr %inputs.at, ptr %its.inputs)
  call void @put(ptr %name.at, ptr %none)
  call void @put(ptr %op.at, ptr %its.op)
  call void @put(ptr %settings.at, ptr %no.settings)
  ret i1 true
no:
  ret i1 false
}

; Note where the numbers of a result go. Those of a Value have a place of their own.
define internal i1 @aim(ptr %result, ptr %call) {
  %position = load i64, ptr %result
  %type.at = getelementptr %Result, ptr %result, i32 0, i32 1
  %form.at = getelementptr %Result, ptr %result, i32 0, i32 2
  %numbers.at = getelementptr %Result, ptr %result, i32 0, i32 6
  %made.at = getelementptr %Call, ptr %call, i32 0, i32 31
  %type = load ptr, ptr %type.at
  %form = load ptr, ptr %form.at
  %made = load ptr, ptr %made.at
  %item = call ptr @PyTuple_GetItem(ptr %made, i64 %position)
  %is.value = icmp eq ptr %form, null
  br i1 %is.value, label %done, label %array
array:
  %alone = icmp eq ptr %type, null
  %data.at = getelementptr %Node, ptr %item, i32 0, i32 1
  br i1 %alone, label %known, label %node
node:
  %data = load ptr, ptr %data.at
  br label %known
known:
  %its = phi ptr [ %item, %array ], [ %data, %node ]
  %first.at = getelementptr %Array, ptr %its, i32 0, i32 1
  %first = load ptr, ptr %first.at
  store ptr %first, ptr %numbers.at
  br label %done
done:
  ret i1 true
}

; Give a Value its float.
define internal i1 @number(ptr %result, ptr %call) {
  %position = load i64, ptr %result
  %form.at = getelementptr %Result, ptr %result, i32 0, i32 2
  %form = load ptr, ptr %form.at
  %is.value = icmp eq ptr %form, null
  br i1 %is.value, label %value, label %done
value:
  %numbers.at = getelementptr %Result, ptr %result, i32 0, i32 6
  %numbers = load ptr, ptr %numbers.at
  %number = load double, ptr %numbers
  %float = call ptr @PyFloat_FromDouble(double %number)
  %made.at = getelementptr %Call, ptr %call, i32 0, i32 31
  %made = load ptr, ptr %made.at
  %item = call ptr @PyTuple_GetItem(ptr %made, i64 %position)
  %data.at = getelementptr %Node, ptr %item, i32 0, i32 1
  store ptr %float, ptr %data.at
  br label %done
done:
  ret i1 true
}

; A node has new numbers from this moment on.
define internal i1 @renew(ptr %row, ptr %call) {
  %node = load ptr, ptr %row
  %born.at = getelementptr %Node, ptr %node, i32 0, i32 4
  %moment.at = getelementptr %Call, ptr %call, i32 0, i32 33
  %moment = load ptr, ptr %moment.at
  call void @put(ptr %born.at, ptr %moment)
  ret i1 true
}

; A node has no gradient any more.
define internal i1 @forget(ptr %row, ptr %call) {
  %node = load ptr, ptr %row
  %grad.at = getelementptr %Node, ptr %node, i32 0, i32 2
  %none.at = getelementptr %Call, ptr %call, i32 0, i32 21
  %none = load ptr, ptr %none.at
  call void @put(ptr %grad.at, ptr %none)
  ret i1 true
}
