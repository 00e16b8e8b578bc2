"""The only room that knows kubernetes; also snapshot files and the simulated source, behind one protocol."""
