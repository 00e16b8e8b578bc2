"""Real servers for the tests: built once into a cache, started on free loopback ports, stopped by their process ids."""
