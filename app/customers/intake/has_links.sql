-- Is anybody linked to anybody?
SELECT EXISTS (SELECT 1 FROM customer_link)
