-- All that stands in an own layer goes, so that a new file takes its place whole.
DELETE FROM map_feature WHERE layer_id = :layer_id;
