-- Which written form is this, and is it approved for another place already?
SELECT a.id, a.alias, a.place_code, a.state,
    EXISTS (SELECT FROM place_alias o WHERE o.alias = a.alias AND o.place_code <> a.place_code AND o.state = 'approved') AS claimed
FROM place_alias a WHERE a.id = :alias_id
