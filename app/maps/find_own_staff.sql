-- Which staff number does the signed-in user have?
SELECT s.code FROM app_user u JOIN staff s ON s.id = u.staff_id WHERE u.id = :user_id
