; The call itself: look, run, finish.

; Whether all is as the tables say; numbers are read on the way.
define internal i1 @look(ptr %call) {
  %turn.at = getelementptr %Call, ptr %call, i32 0, i32 29
  %turn = load ptr, ptr %turn.at
  %taken = load i64, ptr %turn
  %free = icmp eq i64 %taken, 0
  br i1 %free, label %first, label %no
first:
  %guards = getelementptr %Call, ptr %call, i32 0, i32 2
  %counts = getelementptr %Call, ptr %call, i32 0, i32 3
  %reads = getelementptr %Call, ptr %call, i32 0, i32 4
  %a = call i1 @every(ptr %call, i64 88, ptr @fits, ptr %call)
  br i1 %a, label %second, label %no
second:
  %b = call i1 @every(ptr %guards, i64 32, ptr @is_there, ptr %call)
  br i1 %b, label %third, label %no
third:
  %c = call i1 @every(ptr %counts, i64 32, ptr @is_counted, ptr %call)
  br i1 %c, label %fourth, label %no
fourth:
  %d = call i1 @every(ptr %reads, i64 32, ptr @read, ptr %call)
  ret i1 %d
no:
  ret i1 false
}

; Run the step: a short one at once, a long one while other threads of Python go on.
define internal void @run(ptr %call) {
  %long.at = getelementptr %Call, ptr %call, i32 0, i32 13
  %long = load i64, ptr %long.at
  %is.long = icmp ne i64 %long, 0
  br i1 %is.long, label %released, label %at.once
at.once:
  %step.at = getelementptr %Call, ptr %call, i32 0, i32 15
  %slots.at = getelementptr %Call, ptr %call, i32 0, i32 16
  %step = load ptr, ptr %step.at
  %slots = load ptr, ptr %slots.at
  call void %step(ptr %slots, i64 0, i64 1)
  ret void
released:
  %dispatch.at = getelementptr %Call, ptr %call, i32 0, i32 17
  %job.at = getelementptr %Call, ptr %call, i32 0, i32 18
  %missing.at = getelementptr %Call, ptr %call, i32 0, i32 14
  %dispatch = load ptr, ptr %dispatch.at
  %job = load ptr, ptr %job.at
  %thread = call ptr @PyEval_SaveThread()
  %missing.32 = call i32 %dispatch(ptr %job)
  call void @PyEval_RestoreThread(ptr %thread)
  %missing = zext i32 %missing.32 to i64
  store i64 %missing, ptr %missing.at
  ret void
}

; After the run: everything that the step leaves behind.
define internal void @finish(ptr %call) {
  %results = getelementptr %Call, ptr %call, i32 0, i32 5
  %writes = getelementptr %Call, ptr %call, i32 0, i32 6
  %updated = getelementptr %Call, ptr %call, i32 0, i32 7
  %forgotten = getelementptr %Call, ptr %call, i32 0, i32 8
  %runs.at = getelementptr %Call, ptr %call, i32 0, i32 20
  %a = call i1 @every(ptr %results, i64 56, ptr @number, ptr %call)
  %b = call i1 @every(ptr %writes, i64 32, ptr @write, ptr %call)
  %c = call i1 @every(ptr %updated, i64 8, ptr @renew, ptr %call)
  %d = call i1 @every(ptr %forgotten, i64 8, ptr @forget, ptr %call)
  %runs.in = load ptr, ptr %runs.at
  %runs = load i64, ptr %runs.in
  %more = add i64 %runs, 1
  store i64 %more, ptr %runs.in
  ret void
}

; The function that Python calls. `self` is an array that holds the %Call, `given` the
; tuple of arguments; or None, if Python has seen to everything and it only has to run.
define ptr @step(ptr %self, ptr %given) {
entry:
  %call.at = getelementptr %Array, ptr %self, i32 0, i32 1
  %call = load ptr, ptr %call.at
  %results = getelementptr %Call, ptr %call, i32 0, i32 5
  %none.at = getelementptr %Call, ptr %call, i32 0, i32 21
  %given.at = getelementptr %Call, ptr %call, i32 0, i32 30
  %made.at = getelementptr %Call, ptr %call, i32 0, i32 31
  %held.at = getelementptr %Call, ptr %call, i32 0, i32 32
  %moment.at = getelementptr %Call, ptr %call, i32 0, i32 33
  %none = load ptr, ptr %none.at
  %prepared = icmp eq ptr %given, %none
  br i1 %prepared, label %begin, label %count
count:
  %length = call i64 @PyTuple_Size(ptr %given)
  %arguments.at = getelementptr %Call, ptr %call, i32 0, i32 9
  %arguments = load i64, ptr %arguments.at
  %as.many = icmp eq i64 %length, %arguments
  br i1 %as.many, label %begin, label %refuse
refuse:
  call void @Py_IncRef(ptr %none)
  ret ptr %none

; Whatever is made anew is made first: that may run code of Python, which may change
; anything. From the look to the end of the run, nothing else happens.
begin:
  %pauses.at = getelementptr %Call, ptr %call, i32 0, i32 12
  %long.at = getelementptr %Call, ptr %call, i32 0, i32 13
  %pauses = load i64, ptr %pauses.at
  %long = load i64, ptr %long.at
  %either = or i64 %pauses, %long
  %no.hold = icmp eq i64 %either, 0
  %leave.out = or i1 %no.hold, %prepared
  br i1 %leave.out, label %holding, label %hold.more
hold.more:
  %first = load ptr, ptr %call
  %last.at = getelementptr %Table, ptr %call, i32 0, i32 1
  %last = load ptr, ptr %last.at
  %from = ptrtoint ptr %first to i64
  %to = ptrtoint ptr %last to i64
  %bytes = sub i64 %to, %from
  %rows = udiv exact i64 %bytes, 88
  %places = call ptr @PyTuple_New(i64 %rows)
  %no.room = icmp eq ptr %places, null
  br i1 %no.room, label %error, label %holding
holding:
  %held = phi ptr [ null, %begin ], [ %places, %hold.more ]
  %stops = icmp ne i64 %pauses, 0
  %running = xor i1 %prepared, true
  %only.look = and i1 %stops, %running
  br i1 %only.look, label %set, label %make.all
make.all:
  %now.at = getelementptr %Call, ptr %call, i32 0, i32 28
  %now = load ptr, ptr %now.at
  %moment = call ptr @PyObject_CallNoArgs(ptr %now)
  %number.at = getelementptr %Call, ptr %call, i32 0, i32 10
  %number = load i64, ptr %number.at
  %made = call ptr @PyTuple_New(i64 %number)
  %no.space = icmp eq ptr %made, null
  br i1 %no.space, label %out.of.memory, label %fill
fill:
  store ptr %made, ptr %made.at
  store ptr %moment, ptr %moment.at
  %complete = call i1 @every(ptr %results, i64 56, ptr @make, ptr %call)
  br i1 %complete, label %set, label %out.of.memory
set:
  %out = phi ptr [ null, %holding ], [ %made, %fill ]
  %when = phi ptr [ null, %holding ], [ %moment, %fill ]
  store ptr %given, ptr %given.at
  store ptr %out, ptr %made.at
  store ptr %held, ptr %held.at
  store ptr %when, ptr %moment.at
  br i1 %prepared, label %ready, label %looking
looking:
  %good = call i1 @look(ptr %call)
  br i1 %good, label %seen, label %declined
seen:
  %nothing.held = icmp eq ptr %held, null
  br i1 %nothing.held, label %ready, label %take.hold
take.hold:
  %all = call i1 @every(ptr %call, i64 88, ptr @hold, ptr %call)
  br i1 %only.look, label %looked, label %ready
looked:
  ret ptr %held

ready:
  %aimed = call i1 @every(ptr %results, i64 56, ptr @aim, ptr %call)
  %status.at = getelementptr %Call, ptr %call, i32 0, i32 19
  %status.in = load ptr, ptr %status.at
  store i64 0, ptr %status.in
  call void @run(ptr %call)
  %status = load i64, ptr %status.in
  %passed = icmp eq i64 %status, 0
  br i1 %passed, label %done, label %declined
done:
  call void @finish(ptr %call)
  call void @Py_DecRef(ptr %held)
  call void @Py_DecRef(ptr %when)
  %alone.at = getelementptr %Call, ptr %call, i32 0, i32 11
  %alone = load i64, ptr %alone.at
  %several = icmp eq i64 %alone, 0
  br i1 %several, label %tuple, label %one
tuple:
  ret ptr %out
one:
  %single = call ptr @PyTuple_GetItem(ptr %out, i64 0)
  call void @Py_IncRef(ptr %single)
  call void @Py_DecRef(ptr %out)
  ret ptr %single

declined:
  call void @PyErr_Clear()
  call void @Py_DecRef(ptr %held)
  call void @Py_DecRef(ptr %out)
  call void @Py_DecRef(ptr %when)
  call void @Py_IncRef(ptr %none)
  ret ptr %none
out.of.memory:
  call void @Py_DecRef(ptr %held)
  call void @Py_DecRef(ptr %made)
  call void @Py_DecRef(ptr %moment)
  br label %error
error:
  ret ptr null
}

; For a longer look from Python: whether every place of a table has what is expected.
define i32 @unchanged(ptr %table) {
  %all = call i1 @every(ptr %table, i64 32, ptr @is_there, ptr null)
  %answer = zext i1 %all to i32
  ret i32 %answer
}
