-- What is the unit of this code called?
SELECT name FROM unit WHERE code = :code AND valid @> current_date ORDER BY id DESC LIMIT 1
