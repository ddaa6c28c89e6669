"""What it looks like, on screen and on the wall: layers, tiles, the strategy map, the wall map."""
