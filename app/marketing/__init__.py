"""What we do for customers and how it went. Its first room: visits."""
