; One call of a compiled step, from the arguments of Python to the result of Python.
;
; Before a step runs, many small things have to be as they were: each parameter still has
; its array, nobody else holds it, the loss function is still the same function. Python
; needs 30 nanoseconds for each such question, and this code one. So the questions are
; rows of tables, which `caller.py` fills, and @step goes through them: it is a function
; of Python written in LLVM's language, and runs while Python waits for it.
;
; Nothing here decides anything: whatever is not exactly as the tables say, @step declines
; with None, has changed nothing, and the Python of `run.py` takes a longer look.

; The objects of CPython and NumPy as they lie in memory; `objects.py` checks that they do.
%Object = type { i64, ptr }                 ; how many hold it, its type
%Float = type { %Object, double }
%List = type { %Object, i64, ptr }          ; length, items
%Node = type {
  %Object,
  ptr,              ; 1 _data
  ptr,              ; 2 _grad
  ptr,              ; 3 _requires_grad
  ptr,              ; 4 born
  ptr,              ; 5 inputs
  ptr,              ; 6 name
  ptr,              ; 7 op
  ptr               ; 8 settings
}
%Array = type {
  %Object,
  ptr,              ; 1 its numbers
  i32,              ; 2 how many axes
  ptr,              ; 3 shape
  ptr,              ; 4 strides
  ptr,              ; 5 base
  ptr,              ; 6 dtype
  i32               ; 7 flags
}

%Table = type { ptr, ptr }                  ; the first row, the end of the last

; A place where Python keeps something, and what belongs there.
%Place = type {
  i64,              ; 0 kind: 0 a word in memory, 1 an item of a list, 2 an entry of a
                    ;   dictionary, 3 the same, but a whole number
  ptr,              ; 1 owner: the address, the list or the dictionary
  ptr,              ; 2 key
  ptr               ; 3 what is expected there, or where its number is kept
}
%Argument = type {
  i64,              ; 0 position, or -1 for an array that is always the same
  ptr,              ; 1 type; null if to be the very object is all
  ptr,              ; 2 the very object, if no other will do
  ptr,              ; 3 True or False: requires_grad; null if it is an array itself
  i64,              ; 4 whether it must have no gradient
  ptr,              ; 5 dtype; null for a Value, which holds a float
  i64,              ; 6 how many axes
  ptr,              ; 7 shape
  ptr,              ; 8 the object that was given
  ptr,              ; 9 its array, or float
  ptr               ; 10 where its numbers lie: this is what the step reads
}
%Result = type {
  i64,              ; 0 position
  ptr,              ; 1 type; null for an array alone
  ptr,              ; 2 (shape, dtype); null for a Value
  ptr,              ; 3 True or False: requires_grad
  ptr,              ; 4 op
  ptr,              ; 5 inputs
  ptr               ; 6 where its numbers go: this is where the step writes
}
%Call = type {
  %Table,           ; 0 arguments
  %Table,           ; 1 closed: nodes that no argument may be
  %Table,           ; 2 guards: places with what is expected there
  %Table,           ; 3 counts: places with a whole number that is as it was
  %Table,           ; 4 reads: places with a float that is read
  %Table,           ; 5 results
  %Table,           ; 6 writes: places for new numbers
  %Table,           ; 7 updated: nodes whose numbers are new afterwards
  %Table,           ; 8 forgotten: nodes that have no gradient afterwards
  i64,              ; 9 how many arguments
  i64,              ; 10 how many results
  i64,              ; 11 whether the one result is not in a tuple
  i64,              ; 12 whether to stop after looking, for Python has to prepare the run
  i64,              ; 13 whether it runs so long that other threads of Python go on
  i64,              ; 14 afterwards: whether there were fewer workers than wanted
  ptr,              ; 15 step
  ptr,              ; 16 slots, its argument
  ptr,              ; 17 dispatch, which runs it on several threads
  ptr,              ; 18 job, its argument
  ptr,              ; 19 status: not 0 if a check of the step failed
  ptr,              ; 20 runs: how many there have been, of all steps
  ptr,              ; 21 None
  ptr,              ; 22 float
  ptr,              ; 23 int
  ptr,              ; 24 numpy.ndarray
  ptr,              ; 25 numpy.empty
  ptr,              ; 26 (), the inputs of a leaf
  ptr,              ; 27 {}, the settings of a leaf
  ptr,              ; 28 the function that gives the moment of birth
  ptr,              ; 29 turn: not 0 while somebody else is at work
  ptr,              ; 30 given: the tuple of arguments
  ptr,              ; 31 made: the tuple of results
  ptr,              ; 32 held: the tuple of the arrays of arguments
  ptr               ; 33 moment
}

declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyDict_GetItem(ptr, ptr)
declare i32 @PyDict_SetItem(ptr, ptr, ptr)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyLong_FromDouble(double)
declare double @PyLong_AsDouble(ptr)
declare ptr @PyTuple_New(i64)
declare i64 @PyTuple_Size(ptr)
declare ptr @PyTuple_GetItem(ptr, i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare void @PyErr_Clear()
declare ptr @PyType_GenericAlloc(ptr, i64)
declare ptr @PyObject_Call(ptr, ptr, ptr)
declare ptr @PyObject_CallNoArgs(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)

; Whether a function says yes to every row of a table. After a no, nobody asks on.
define internal i1 @every(ptr %table, i64 %size, ptr %question, ptr %call) alwaysinline {
entry:
  %begin = load ptr, ptr %table
  %end.at = getelementptr %Table, ptr %table, i32 0, i32 1
  %end = load ptr, ptr %end.at
  br label %next
next:
  %row = phi ptr [ %begin, %entry ], [ %after, %yes ]
  %over = icmp eq ptr %row, %end
  br i1 %over, label %all, label %ask
ask:
  %answer = call i1 %question(ptr %row, ptr %call)
  br i1 %answer, label %yes, label %no
yes:
  %after = getelementptr i8, ptr %row, i64 %size
  br label %next
all:
  ret i1 true
no:
  ret i1 false
}

; Put an object where another one was.
define internal void @put(ptr %at, ptr %new) {
  call void @Py_IncRef(ptr %new)
  %old = load ptr, ptr %at
  store ptr %new, ptr %at
  call void @Py_DecRef(ptr %old)
  ret void
}

define internal i1 @has_type(ptr %object, ptr %type) alwaysinline {
  %type.at = getelementptr %Object, ptr %object, i32 0, i32 1
  %own = load ptr, ptr %type.at
  %same = icmp eq ptr %own, %type
  ret i1 %same
}
