"""Reader of Microsoft Forms workbooks."""
