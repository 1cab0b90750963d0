"""What pages share: session, cache, forms, progress, errors. The only place that touches session keys and caches."""
