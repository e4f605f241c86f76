"""What ``seegrad demo`` shows: the lesson, its pictures, and the page about them."""
