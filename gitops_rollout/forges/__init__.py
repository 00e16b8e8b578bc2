"""Pull requests, one file per forge, behind one protocol."""
