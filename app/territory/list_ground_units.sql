-- The units of today by code, or those whose inner point lies in drawn ground, with their shapes.
SELECT DISTINCT ON (u.code) u.code, u.name, u.kind, u.households, ST_AsBinary(u.geom) AS wkb
FROM unit u
WHERE u.kind = ANY (CAST(:kinds AS text[])) AND u.valid @> current_date
    AND (u.code = ANY (CAST(:codes AS text[]))
        OR (CAST(:lasso AS bytea) IS NOT NULL AND u.geom && ST_GeomFromEWKB(:lasso)
            AND ST_Intersects(ST_GeomFromEWKB(:lasso), ST_PointOnSurface(u.geom))))
ORDER BY u.code, u.year DESC NULLS LAST, u.id DESC
