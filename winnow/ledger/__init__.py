"""Replies of models as versioned data: paid once, kept in immutable segments, replayed offline."""
