-- The bank's own layers on the map: roads, water, rivals' outlets, whatever it loads. Frozen once released.

CREATE TABLE map_layer (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    why_zh TEXT DEFAULT '' NOT NULL,
    why_en TEXT DEFAULT '' NOT NULL,
    meaning TEXT DEFAULT 'reference' NOT NULL,
    audience TEXT DEFAULT 'all' NOT NULL,
    colour TEXT DEFAULT 'grey' NOT NULL,
    name_column TEXT,
    class_column TEXT,
    features INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    report JSONB NOT NULL,
    loaded_by BIGINT,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_map_layer PRIMARY KEY (id),
    CONSTRAINT uq_map_layer_key UNIQUE (key),
    CONSTRAINT ck_map_layer_key CHECK (key ~ '^[a-z][a-z0-9_]{0,23}$'),
    CONSTRAINT ck_map_layer_meaning CHECK (meaning IN ('reference','competitors')),
    CONSTRAINT ck_map_layer_audience CHECK (audience IN ('all','bank')),
    CONSTRAINT fk_map_layer_loaded_by FOREIGN KEY(loaded_by) REFERENCES app_user (id)
);

-- Sizes of a shape are told in Web Mercator metres, as a tile is drawn: what is smaller than a dot is drawn as one.
CREATE TABLE map_feature (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    layer_id BIGINT NOT NULL,
    row INTEGER NOT NULL,
    name TEXT,
    class TEXT,
    shape TEXT NOT NULL,
    extent_m FLOAT NOT NULL,
    breadth_m FLOAT NOT NULL,
    attributes JSONB DEFAULT '{}' NOT NULL,
    geom geometry(GEOMETRY,4326) NOT NULL,
    CONSTRAINT pk_map_feature PRIMARY KEY (id),
    CONSTRAINT ck_map_feature_shape CHECK (shape IN ('point','line','area')),
    CONSTRAINT fk_map_feature_layer_id FOREIGN KEY(layer_id) REFERENCES map_layer (id) ON DELETE CASCADE
);
CREATE INDEX ix_map_feature_layer_id ON map_feature (layer_id, class);
CREATE INDEX ix_map_feature_geom ON map_feature USING gist (geom);
