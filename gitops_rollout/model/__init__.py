"""The words of the project: frozen values and the protocols of the doors. No I/O, no library."""
