"""From scores to ranked lists with ids."""
