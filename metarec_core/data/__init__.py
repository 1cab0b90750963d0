"""Files in, tables out, numbers out: the only room that reads what an analyst brings."""
