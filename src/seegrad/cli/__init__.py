"""The command line, ``seegrad <command>``: a file for each, listed in `main`."""
