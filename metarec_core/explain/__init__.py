"""Why an item was recommended, as data."""
