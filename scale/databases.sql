-- PostgreSQL runs this once, when it is set up.
SET log_min_error_statement = panic; -- a statement that fails would be logged with its password
\set users_password `cat /run/secrets/user-service-password`
\set orders_password `cat /run/secrets/order-service-password`

CREATE ROLE users LOGIN PASSWORD :'users_password';
CREATE DATABASE users OWNER users TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
CREATE ROLE orders LOGIN PASSWORD :'orders_password';
CREATE DATABASE orders OWNER orders TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';

-- By default, each role may connect to each database.
REVOKE CONNECT ON DATABASE users, orders, postgres, template1 FROM PUBLIC;
