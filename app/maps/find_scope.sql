-- Which ground and whose customers may the viewer see? Two viewers with the same answer may share a tile.
SELECT CASE WHEN current_user = 'getu_scoped' THEN md5(getu_viewer_grids()::text || getu_sight_grids()::text)
            ELSE current_user END AS scope;
