"""Pure geometry on arrays: datums, file formats, repair, topology. Knows no database and no bank."""
