; Places where Python keeps something: is it still there, and which number is it?
;
; Each function answers for one row of a table, a %Place; `every` goes through the table.

; What is in a place; null if there is no such place any more.
define internal ptr @found(ptr %place) alwaysinline {
  %kind = load i64, ptr %place
  %owner.at = getelementptr %Place, ptr %place, i32 0, i32 1
  %key.at = getelementptr %Place, ptr %place, i32 0, i32 2
  %owner = load ptr, ptr %owner.at
  switch i64 %kind, label %entry.of [ i64 0, label %word
                                      i64 1, label %item ]
word:
  %there = load ptr, ptr %owner
  ret ptr %there
item:
  %index = load i64, ptr %key.at
  %length.at = getelementptr %List, ptr %owner, i32 0, i32 1
  %length = load i64, ptr %length.at
  %inside = icmp slt i64 %index, %length
  br i1 %inside, label %take, label %gone
take:
  %items.at = getelementptr %List, ptr %owner, i32 0, i32 2
  %items = load ptr, ptr %items.at
  %item.at = getelementptr ptr, ptr %items, i64 %index
  %one = load ptr, ptr %item.at
  ret ptr %one
gone:
  ret ptr null
entry.of:
  %key = load ptr, ptr %key.at
  %value = call ptr @PyDict_GetItem(ptr %owner, ptr %key)
  ret ptr %value
}

; Guards: the expected object (or word) is there.
define internal i1 @is_there(ptr %place, ptr %call) {
  %here = call ptr @found(ptr %place)
  %expected.at = getelementptr %Place, ptr %place, i32 0, i32 3
  %expected = load ptr, ptr %expected.at
  %same = icmp eq ptr %here, %expected
  ret i1 %same
}

; Counts: an int is there, and is the number that is kept.
define internal i1 @is_counted(ptr %place, ptr %call) {
  %here = call ptr @found(ptr %place)
  %missing = icmp eq ptr %here, null
  br i1 %missing, label %no, label %there
there:
  %int.at = getelementptr %Call, ptr %call, i32 0, i32 23
  %int = load ptr, ptr %int.at
  %whole = call i1 @has_type(ptr %here, ptr %int)
  br i1 %whole, label %compare, label %no
compare:
  %kept.at = getelementptr %Place, ptr %place, i32 0, i32 3
  %kept.in = load ptr, ptr %kept.at
  %kept = load double, ptr %kept.in
  %number = call double @PyLong_AsDouble(ptr %here)
  %same = fcmp oeq double %number, %kept
  ret i1 %same
no:
  ret i1 false
}

; Reads: a float is there; it is read.
define internal i1 @read(ptr %place, ptr %call) {
  %here = call ptr @found(ptr %place)
  %missing = icmp eq ptr %here, null
  br i1 %missing, label %no, label %there
there:
  %float.at = getelementptr %Call, ptr %call, i32 0, i32 22
  %float = load ptr, ptr %float.at
  %fits = call i1 @has_type(ptr %here, ptr %float)
  br i1 %fits, label %take, label %no
take:
  %number.at = getelementptr %Float, ptr %here, i32 0, i32 1
  %number = load double, ptr %number.at
  %into.at = getelementptr %Place, ptr %place, i32 0, i32 3
  %into = load ptr, ptr %into.at
  store double %number, ptr %into
  ret i1 true
no:
  ret i1 false
}

; Writes: the number that is kept goes to its place.
define internal i1 @write(ptr %place, ptr %call) {
  %kind = load i64, ptr %place
  %owner.at = getelementptr %Place, ptr %place, i32 0, i32 1
  %key.at = getelementptr %Place, ptr %place, i32 0, i32 2
  %kept.at = getelementptr %Place, ptr %place, i32 0, i32 3
  %owner = load ptr, ptr %owner.at
  %key = load ptr, ptr %key.at
  %kept = load ptr, ptr %kept.at
  %number = load double, ptr %kept
  %whole = icmp eq i64 %kind, 3
  br i1 %whole, label %an.int, label %a.float
an.int:
  %int = call ptr @PyLong_FromDouble(double %number)
  br label %made
a.float:
  %float = call ptr @PyFloat_FromDouble(double %number)
  br label %made
made:
  %new = phi ptr [ %int, %an.int ], [ %float, %a.float ]
  %word = icmp eq i64 %kind, 0
  br i1 %word, label %into.word, label %into.entry
into.word:
  call void @put(ptr %owner, ptr %new)
  br label %done
into.entry:
  %failed = call i32 @PyDict_SetItem(ptr %owner, ptr %key, ptr %new)
  br label %done
done:
  call void @Py_DecRef(ptr %new)
  ret i1 true
}
