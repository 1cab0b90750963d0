"""What is known of items beside their events, as a graph of items, attribute values and fact entities."""
