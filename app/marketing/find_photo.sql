-- Which photograph in sight has this number, and whose visit was it?
SELECT f.id, f.visit_id, f.file, f.sha256, f.width, f.height, v.customer_id
FROM visit_photo f JOIN visit v ON v.id = f.visit_id WHERE f.id = :photo_id
