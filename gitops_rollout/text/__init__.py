"""YAML and JSON with positions: the only room that knows ruamel.yaml and libyaml."""
