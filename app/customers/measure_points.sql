-- How far does each of these points lie outside this village? Nothing where the village is not drawn.
SELECT r.customer_id,
    ST_Distance(CAST(u.geom AS geography), CAST(ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326) AS geography)) AS distance_m
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, lon float8, lat float8)
CROSS JOIN (SELECT geom FROM unit WHERE code = :code AND valid @> current_date ORDER BY id DESC LIMIT 1) AS u
