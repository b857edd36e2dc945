"""Generator of the bundled sample extracts: a development tool that the product never imports."""
