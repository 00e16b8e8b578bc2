"""The only room that knows jinja2: sandboxed, and strict about undefined names."""
