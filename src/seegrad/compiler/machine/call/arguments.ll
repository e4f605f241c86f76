; Arguments: is each of the kind that was traced, and where do its numbers lie?
;
; The step reads through the last word of the row, so another array in the place of the
; last one is this word and nothing else.

; Whether an argument is of the expected kind; where its numbers lie is noted.
define internal i1 @fits(ptr %argument, ptr %call) {
entry:
  %position = load i64, ptr %argument
  %type.at = getelementptr %Argument, ptr %argument, i32 0, i32 1
  %very.at = getelementptr %Argument, ptr %argument, i32 0, i32 2
  %flag.at = getelementptr %Argument, ptr %argument, i32 0, i32 3
  %bare.at = getelementptr %Argument, ptr %argument, i32 0, i32 4
  %object.at = getelementptr %Argument, ptr %argument, i32 0, i32 8
  %type = load ptr, ptr %type.at
  %very = load ptr, ptr %very.at
  %flag = load ptr, ptr %flag.at
  %fixed = icmp slt i64 %position, 0
  br i1 %fixed, label %known, label %passed
passed:
  %given.at = getelementptr %Call, ptr %call, i32 0, i32 30
  %given = load ptr, ptr %given.at
  %item = call ptr @PyTuple_GetItem(ptr %given, i64 %position)
  br label %known
known:
  %object = phi ptr [ %very, %entry ], [ %item, %passed ]
  store ptr %object, ptr %object.at
  %any = icmp eq ptr %very, null
  %this = icmp eq ptr %very, %object
  %may = or i1 %any, %this
  br i1 %may, label %allowed, label %no
allowed:
  %is.all = icmp eq ptr %type, null
  br i1 %is.all, label %yes, label %look.closer
yes:
  ret i1 true
look.closer:
  %is.type = call i1 @has_type(ptr %object, ptr %type)
  br i1 %is.type, label %typed, label %no
typed:
  %is.array = icmp eq ptr %flag, null
  br i1 %is.array, label %array, label %node
node:
  %own.flag.at = getelementptr %Node, ptr %object, i32 0, i32 3
  %own.flag = load ptr, ptr %own.flag.at
  %same.flag = icmp eq ptr %own.flag, %flag
  br i1 %same.flag, label %flagged, label %no
flagged:
  %inputs.at = getelementptr %Node, ptr %object, i32 0, i32 5
  %inputs = load ptr, ptr %inputs.at
  %none.given.at = getelementptr %Call, ptr %call, i32 0, i32 26
  %none.given = load ptr, ptr %none.given.at
  %is.leaf = icmp eq ptr %inputs, %none.given
  br i1 %is.leaf, label %leaf, label %no
leaf:
  %bare = load i64, ptr %bare.at
  %need = icmp ne i64 %bare, 0
  %grad.at = getelementptr %Node, ptr %object, i32 0, i32 2
  %grad = load ptr, ptr %grad.at
  %none.at = getelementptr %Call, ptr %call, i32 0, i32 21
  %none = load ptr, ptr %none.at
  %has = icmp ne ptr %grad, %none
  %too.much = and i1 %need, %has
  br i1 %too.much, label %no, label %open
open:
  %data.at = getelementptr %Node, ptr %object, i32 0, i32 1
  %data = load ptr, ptr %data.at
  %alone = call i1 @is_new(ptr %argument, ptr %call)
  br i1 %alone, label %array, label %no
array:
  %numbers.of = phi ptr [ %object, %typed ], [ %data, %open ]
  %shaped = call i1 @is_shaped(ptr %argument, ptr %numbers.of, ptr %call)
  ret i1 %shaped
no:
  ret i1 false
}

; Whether a node is neither another argument nor known to the step by another name.
define internal i1 @is_new(ptr %argument, ptr %call) {
entry:
  %object.at = getelementptr %Argument, ptr %argument, i32 0, i32 8
  %object = load ptr, ptr %object.at
  %first = load ptr, ptr %call
  br label %next
next:
  %row = phi ptr [ %first, %entry ], [ %after, %another ]
  %all = icmp eq ptr %row, %argument
  br i1 %all, label %outside, label %compare
compare:
  %earlier.at = getelementptr %Argument, ptr %row, i32 0, i32 8
  %earlier = load ptr, ptr %earlier.at
  %same = icmp eq ptr %earlier, %object
  br i1 %same, label %no, label %another
another:
  %after = getelementptr %Argument, ptr %row, i64 1
  br label %next
outside:
  %closed = getelementptr %Call, ptr %call, i32 0, i32 1
  %free = call i1 @every(ptr %closed, i64 8, ptr @is_another, ptr %object)
  ret i1 %free
no:
  ret i1 false
}

define internal i1 @is_another(ptr %row, ptr %object) {
  %one = load ptr, ptr %row
  %another = icmp ne ptr %one, %object
  ret i1 %another
}

; Whether an array, or a float, can be read where it lies.
define internal i1 @is_shaped(ptr %argument, ptr %array, ptr %call) {
  %dtype.at = getelementptr %Argument, ptr %argument, i32 0, i32 5
  %axes.at = getelementptr %Argument, ptr %argument, i32 0, i32 6
  %shape.at = getelementptr %Argument, ptr %argument, i32 0, i32 7
  %array.at = getelementptr %Argument, ptr %argument, i32 0, i32 9
  %numbers.at = getelementptr %Argument, ptr %argument, i32 0, i32 10
  %float.at = getelementptr %Call, ptr %call, i32 0, i32 22
  %ndarray.at = getelementptr %Call, ptr %call, i32 0, i32 24
  %dtype = load ptr, ptr %dtype.at
  %axes = load i64, ptr %axes.at
  %shape = load ptr, ptr %shape.at
  %is.value = icmp eq ptr %dtype, null
  br i1 %is.value, label %value, label %tensor
value:
  %float = load ptr, ptr %float.at
  %is.float = call i1 @has_type(ptr %array, ptr %float)
  %inside = getelementptr %Float, ptr %array, i32 0, i32 1
  br i1 %is.float, label %yes, label %no
tensor:
  %ndarray = load ptr, ptr %ndarray.at
  %is.array = call i1 @has_type(ptr %array, ptr %ndarray)
  br i1 %is.array, label %typed, label %no
typed:
  %own.dtype.at = getelementptr %Array, ptr %array, i32 0, i32 6
  %own.dtype = load ptr, ptr %own.dtype.at
  %same.dtype = icmp eq ptr %own.dtype, %dtype
  %own.axes.at = getelementptr %Array, ptr %array, i32 0, i32 2
  %own.axes.32 = load i32, ptr %own.axes.at
  %own.axes = sext i32 %own.axes.32 to i64
  %same.axes = icmp eq i64 %own.axes, %axes
  %flags.at = getelementptr %Array, ptr %array, i32 0, i32 7
  %flags = load i32, ptr %flags.at
  %wanted = and i32 %flags, 257 ; NPY_ARRAY_C_CONTIGUOUS and NPY_ARRAY_ALIGNED
  %readable = icmp eq i32 %wanted, 257
  %both = and i1 %same.dtype, %same.axes
  %good = and i1 %both, %readable
  %own.shape.at = getelementptr %Array, ptr %array, i32 0, i32 3
  %own.shape = load ptr, ptr %own.shape.at
  br i1 %good, label %next, label %no
next:
  %axis = phi i64 [ 0, %typed ], [ %after, %same ]
  %all = icmp eq i64 %axis, %axes
  br i1 %all, label %whole, label %compare
compare:
  %own.length.at = getelementptr i64, ptr %own.shape, i64 %axis
  %length.at = getelementptr i64, ptr %shape, i64 %axis
  %own.length = load i64, ptr %own.length.at
  %length = load i64, ptr %length.at
  %equal = icmp eq i64 %own.length, %length
  br i1 %equal, label %same, label %no
same:
  %after = add i64 %axis, 1
  br label %next
whole:
  %first.at = getelementptr %Array, ptr %array, i32 0, i32 1
  %first = load ptr, ptr %first.at
  br label %yes
yes:
  %numbers = phi ptr [ %inside, %value ], [ %first, %whole ]
  store ptr %array, ptr %array.at
  store ptr %numbers, ptr %numbers.at
  ret i1 true
no:
  ret i1 false
}

; Keep the array of an argument alive, in the tuple that is held.
define internal i1 @hold(ptr %argument, ptr %call) {
  %array.at = getelementptr %Argument, ptr %argument, i32 0, i32 9
  %array = load ptr, ptr %array.at
  %held.at = getelementptr %Call, ptr %call, i32 0, i32 32
  %held = load ptr, ptr %held.at
  %first = load ptr, ptr %call
  %begin = ptrtoint ptr %first to i64
  %here = ptrtoint ptr %argument to i64
  %bytes = sub i64 %here, %begin
  %row = udiv exact i64 %bytes, 88
  call void @Py_IncRef(ptr %array)
  %full = call i32 @PyTuple_SetItem(ptr %held, i64 %row, ptr %array)
  ret i1 true
}
