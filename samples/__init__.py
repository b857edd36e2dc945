"""Generator of the bundled sample extracts. A development tool: the product never imports it. See README.md."""
