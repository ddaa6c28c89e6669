-- An own layer taken away with all that stands in it; how many things stood there.
DELETE FROM map_layer WHERE key = :key RETURNING features;
