-- The bank's own layers go, with what was loaded; its files can be loaded again.

DROP TABLE map_feature;
DROP TABLE map_layer;
