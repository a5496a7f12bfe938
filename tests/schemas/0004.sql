BEGIN TRANSACTION;
CREATE TABLE account_token (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	purpose VARCHAR(40) NOT NULL, 
	created DATETIME NOT NULL, 
	token_hash VARCHAR(64), 
	expires DATETIME, 
	mailed_at DATETIME, 
	mail_error TEXT, 
	CONSTRAINT pk_account_token PRIMARY KEY (id), 
	CONSTRAINT fk_account_token_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_account_token_token_hash UNIQUE (token_hash), 
	CONSTRAINT uq_account_token_user_id_purpose UNIQUE (user_id, purpose), 
	CONSTRAINT ck_account_token_purpose CHECK (purpose IN ('invitation', 'password_reset'))
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE "attachment" (
	id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	is_left_out BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	document_type VARCHAR(40) DEFAULT 'backup' NOT NULL, 
	is_type_confirmed BOOLEAN DEFAULT 0 NOT NULL, 
	expires DATE, 
	CONSTRAINT pk_attachment PRIMARY KEY (id), 
	CONSTRAINT fk_attachment_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT ck_attachment_position_from_one CHECK (position >= 1), 
	CONSTRAINT fk_attachment_sha256_stored_file FOREIGN KEY(sha256) REFERENCES stored_file (sha256) ON DELETE RESTRICT
);
INSERT INTO "attachment" VALUES(1,1,'0b42377815219e939d1766b41124536a1cf7e5febf8434399df1c684abea44d1',5,'0.pdf',0,'2026-11-23 00:59:26.868909','backup',0,NULL);
INSERT INTO "attachment" VALUES(2,1,'5aa8440cf05995fbb49bff32d4f2eb0b3d9f16fb25468faabcda2ed767117850',6,'1.pdf',0,'2026-11-23 00:59:26.907440','backup',0,NULL);
INSERT INTO "attachment" VALUES(3,2,'fb0d93290a7144431a45db4e0c746a7cc0d5022f0fe102f74a98fa7383da636e',10,'0.pdf',0,'2026-11-23 00:59:26.964998','backup',0,NULL);
INSERT INTO "attachment" VALUES(4,2,'d6813e11df6e7c03da2f61010922fef0cfb54be9c05a4fe01a24ee8f29336d83',11,'1.pdf',0,'2026-11-23 00:59:26.998830','backup',0,NULL);
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (id)
);
CREATE TABLE audit_entry (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	user_id INTEGER, 
	email VARCHAR(254) NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	project_id INTEGER, 
	project_number VARCHAR(60) NOT NULL, 
	subject_kind VARCHAR(40) NOT NULL, 
	subject_id INTEGER, 
	detail JSON NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT uq_audit_entry_hash UNIQUE (hash)
);
INSERT INTO "audit_entry" VALUES(1,'2026-11-23 00:59:27.056583',1,'old@example.org','Olga Old','project.exported',1,'24-017','',NULL,'{}','','0000000000000000000000000000000000000000000000000000000000000000','c74e87dc2baef09484c814116b2e0388771d7b4360c3b987706e575726751646');
CREATE TABLE backup (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	requested_by_id INTEGER, 
	requested_at DATETIME NOT NULL, 
	request JSON NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	step VARCHAR(100) NOT NULL, 
	documents_done INTEGER NOT NULL, 
	documents_total INTEGER NOT NULL, 
	pages_done INTEGER NOT NULL, 
	started_at DATETIME, 
	finished_at DATETIME, 
	heartbeat_at DATETIME, 
	is_cancel_requested BOOLEAN NOT NULL, 
	error TEXT, 
	file_name VARCHAR(255) NOT NULL, 
	path VARCHAR(300), 
	size BIGINT, 
	pages INTEGER, 
	sha256 VARCHAR(64), 
	manifest JSON, 
	mailed_at DATETIME, 
	mail_error TEXT, 
	CONSTRAINT ck_backup_done_has_a_file CHECK (status <> 'done' OR (path IS NOT NULL AND sha256 IS NOT NULL AND manifest IS NOT NULL)), 
	CONSTRAINT fk_backup_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_backup_requested_by_id_user FOREIGN KEY(requested_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT uq_backup_project_id_number UNIQUE (project_id, number), 
	CONSTRAINT ck_backup_backupstatus CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled'))
);
INSERT INTO "backup" VALUES(1,1,1,NULL,'2026-08-31 18:05:09.000000','{"title": "Subcontractor invoice backup", "project_name": "Harbor Tower", "project_number": "24-017", "timezone": "America/New_York", "dictionary": "general_contractors", "requested_by": "Alice Adams", "owner": "", "general_contractor": "", "invoices": [], "labels": {}, "recipe": {}}','done','',0,0,0,NULL,'2026-08-31 18:05:09.000000',NULL,0,NULL,'Subcontractor invoice backup - Harbor Tower - 1.pdf','backups/1/Subcontractor invoice backup - Harbor Tower - 1.pdf',21,3,'e9f50053d394f4cae0a31907d9eefb0a8c6472ada4414b64d21f26a072dc3d9a','{"entries": [], "left_out": [], "pages": 3, "volumes": [], "originals": null}',NULL,NULL);
CREATE TABLE backup_contract (
	backup_id INTEGER, 
	contract_id INTEGER, 
	CONSTRAINT fk_backup_contract_backup_id_backup FOREIGN KEY(backup_id) REFERENCES backup (id) ON DELETE CASCADE, 
	CONSTRAINT fk_backup_contract_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE SET NULL
);
CREATE TABLE billing_period (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	start DATE NOT NULL, 
	"end" DATE NOT NULL, 
	due DATE, 
	status VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_billing_period PRIMARY KEY (id), 
	CONSTRAINT ck_billing_period_start_is_not_after_end CHECK (start <= "end"), 
	CONSTRAINT fk_billing_period_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_billing_period_project_id_start_end UNIQUE (project_id, start, "end"), 
	CONSTRAINT ck_billing_period_periodstatus CHECK (status IN ('open', 'closed'))
);
INSERT INTO "billing_period" VALUES(1,1,'2026-06-01','2026-06-28','2026-06-25','closed');
INSERT INTO "billing_period" VALUES(2,1,'2026-07-01','2026-07-28','2026-07-25','closed');
CREATE TABLE billing_period_event (
	id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	user_id INTEGER, 
	at DATETIME NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	CONSTRAINT pk_billing_period_event PRIMARY KEY (id), 
	CONSTRAINT fk_billing_period_event_period_id_billing_period FOREIGN KEY(period_id) REFERENCES billing_period (id) ON DELETE CASCADE, 
	CONSTRAINT fk_billing_period_event_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE SET NULL
);
CREATE TABLE change_order (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	number VARCHAR(60) NOT NULL, 
	title VARCHAR(300) NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	approved_date DATE, 
	CONSTRAINT pk_change_order PRIMARY KEY (id), 
	CONSTRAINT ck_change_order_number_is_given CHECK (number <> ''), 
	CONSTRAINT fk_change_order_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT uq_change_order_contract_id_number UNIQUE (contract_id, number), 
	CONSTRAINT ck_change_order_changeorderstatus CHECK (status IN ('approved', 'pending', 'draft', 'rejected'))
);
CREATE TABLE company (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	address VARCHAR(400) NOT NULL, 
	CONSTRAINT pk_company PRIMARY KEY (id), 
	CONSTRAINT fk_company_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_company_project_id_name UNIQUE (project_id, name)
);
INSERT INTO "company" VALUES(1,1,'Company 2','');
INSERT INTO "company" VALUES(2,1,'Company 7','');
CREATE TABLE contract (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	company_id INTEGER NOT NULL, 
	number VARCHAR(60) NOT NULL, 
	title VARCHAR(300) NOT NULL, 
	type VARCHAR(40) NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	executed BOOLEAN NOT NULL, 
	contract_date DATE, 
	work_retainage_rate INTEGER NOT NULL, 
	stored_retainage_rate INTEGER NOT NULL, 
	is_private BOOLEAN NOT NULL, accounting_method VARCHAR(40) DEFAULT 'amount' NOT NULL CONSTRAINT ck_contract_accountingmethod CHECK (accounting_method IN ('amount', 'unit')), start_date DATE, estimated_completion DATE, execution_date DATE, signed_received_date DATE, description TEXT DEFAULT '' NOT NULL, inclusions TEXT DEFAULT '' NOT NULL, exclusions TEXT DEFAULT '' NOT NULL, payment_terms VARCHAR(300) DEFAULT '' NOT NULL, invoices_enabled BOOLEAN DEFAULT 1 NOT NULL, version INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_contract PRIMARY KEY (id), 
	CONSTRAINT ck_contract_status_fits_type CHECK ((type = 'subcontract' AND status IN ('draft', 'out_for_bid', 'out_for_signature', 'approved', 'complete', 'terminated', 'void')) OR (type = 'purchase_order' AND status IN ('draft', 'processing', 'submitted', 'partially_received', 'received', 'approved', 'closed'))), 
	CONSTRAINT ck_contract_number_is_given CHECK (number <> ''), 
	CONSTRAINT ck_contract_retainage_is_percent CHECK (work_retainage_rate BETWEEN 0 AND 10000 AND stored_retainage_rate BETWEEN 0 AND 10000), 
	CONSTRAINT fk_contract_company_id_company FOREIGN KEY(company_id) REFERENCES company (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_contract_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_contract_project_id_number UNIQUE (project_id, number), 
	CONSTRAINT ck_contract_contracttype CHECK (type IN ('subcontract', 'purchase_order'))
);
INSERT INTO "contract" VALUES(1,1,1,'SC-1','Concrete','subcontract','approved',0,NULL,1000,1000,0,'amount',NULL,NULL,NULL,NULL,'','','','',1,1);
INSERT INTO "contract" VALUES(2,1,2,'SC-2','Concrete','subcontract','approved',0,NULL,1000,1000,0,'amount',NULL,NULL,NULL,NULL,'','','','',1,1);
CREATE TABLE contract_event (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	user_id INTEGER, 
	at DATETIME NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	field VARCHAR(60) NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	CONSTRAINT pk_contract_event PRIMARY KEY (id), 
	CONSTRAINT fk_contract_event_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT fk_contract_event_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE SET NULL
);
CREATE TABLE contract_reader (
	contract_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	CONSTRAINT pk_contract_reader PRIMARY KEY (contract_id, user_id), 
	CONSTRAINT fk_contract_reader_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT fk_contract_reader_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE
);
CREATE TABLE document_type (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	CONSTRAINT pk_document_type PRIMARY KEY (id), 
	CONSTRAINT ck_document_type_name_is_given CHECK (name <> ''), 
	CONSTRAINT fk_document_type_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_document_type_project_id_code UNIQUE (project_id, code), 
	CONSTRAINT uq_document_type_project_id_name UNIQUE (project_id, name)
);
CREATE TABLE import_job (
	id INTEGER NOT NULL, 
	requested_by_id INTEGER, 
	requested_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	title VARCHAR(600) NOT NULL, 
	folder VARCHAR(40) NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	is_replacing BOOLEAN NOT NULL, 
	problems JSON NOT NULL, 
	notes JSON NOT NULL, 
	preview JSON, 
	error TEXT NOT NULL, 
	project_id INTEGER, 
	CONSTRAINT pk_import_job PRIMARY KEY (id), 
	CONSTRAINT fk_import_job_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE SET NULL, 
	CONSTRAINT fk_import_job_requested_by_id_user FOREIGN KEY(requested_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT uq_import_job_folder UNIQUE (folder), 
	CONSTRAINT ck_import_job_importstatus CHECK (status IN ('uploaded', 'checking', 'refused', 'ready', 'confirmed', 'importing', 'done', 'failed'))
);
CREATE TABLE invoice (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	period_id INTEGER, 
	position INTEGER NOT NULL, 
	number VARCHAR(60) NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	billing_date DATE, 
	comments TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	contract_sum_to_date BIGINT NOT NULL, 
	completed_and_stored BIGINT NOT NULL, 
	gross_this_period BIGINT NOT NULL, 
	total_retainage BIGINT NOT NULL, 
	earned_less_retainage BIGINT NOT NULL, 
	payment_due BIGINT NOT NULL, 
	balance_to_finish BIGINT NOT NULL, 
	remarks JSON NOT NULL, 
	content_key VARCHAR(64), 
	pages INTEGER, 
	CONSTRAINT pk_invoice PRIMARY KEY (id), 
	CONSTRAINT ck_invoice_position_from_one CHECK (position >= 1), 
	CONSTRAINT fk_invoice_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT fk_invoice_period_id_billing_period FOREIGN KEY(period_id) REFERENCES billing_period (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_invoice_contract_id_position UNIQUE (contract_id, position), 
	CONSTRAINT uq_invoice_id_contract_id UNIQUE (id, contract_id), 
	CONSTRAINT ck_invoice_invoicestatus CHECK (status IN ('draft', 'under_review', 'revise_and_resubmit', 'approved', 'approved_as_noted', 'pending_owner_approval'))
);
INSERT INTO "invoice" VALUES(1,1,1,1,'','approved',NULL,'','2026-11-23 00:59:26.692242',5000000,100000,100000,10000,90000,90000,4910000,'[]',NULL,NULL);
INSERT INTO "invoice" VALUES(2,2,1,1,'','approved',NULL,'','2026-11-23 00:59:26.919446',5000000,100000,100000,10000,90000,90000,4910000,'[]',NULL,NULL);
CREATE TABLE invoice_contact (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	name VARCHAR(200) DEFAULT '' NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	CONSTRAINT pk_invoice_contact PRIMARY KEY (id), 
	CONSTRAINT ck_invoice_contact_email_in_lower_case CHECK (email <> '' AND email = lower(email)), 
	CONSTRAINT fk_invoice_contact_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT uq_invoice_contact_contract_id_email UNIQUE (contract_id, email)
);
CREATE TABLE invoice_event (
	id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	user_id INTEGER, 
	at DATETIME NOT NULL, 
	field VARCHAR(60) NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	CONSTRAINT pk_invoice_event PRIMARY KEY (id), 
	CONSTRAINT fk_invoice_event_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_invoice_event_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE SET NULL
);
CREATE TABLE invoice_line (
	invoice_id INTEGER NOT NULL, 
	sov_line_id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	work_this_period BIGINT NOT NULL, 
	new_stored BIGINT NOT NULL, 
	stored_installed BIGINT NOT NULL, 
	work_retainage BIGINT, 
	work_retainage_rate INTEGER, 
	work_retainage_released BIGINT NOT NULL, 
	stored_retainage BIGINT, 
	stored_retainage_rate INTEGER, 
	stored_retainage_released BIGINT NOT NULL, quantity_this_period BIGINT, 
	CONSTRAINT pk_invoice_line PRIMARY KEY (invoice_id, sov_line_id), 
	CONSTRAINT fk_invoice_line_invoice_id_contract_id_invoice FOREIGN KEY(invoice_id, contract_id) REFERENCES invoice (id, contract_id) ON DELETE CASCADE, 
	CONSTRAINT fk_invoice_line_sov_line_id_contract_id_sov_line FOREIGN KEY(sov_line_id, contract_id) REFERENCES sov_line (id, contract_id)
);
INSERT INTO "invoice_line" VALUES(1,1,1,100000,0,0,NULL,NULL,0,NULL,NULL,0,NULL);
INSERT INTO "invoice_line" VALUES(2,2,2,100000,0,0,NULL,NULL,0,NULL,NULL,0,NULL);
CREATE TABLE membership (
	user_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	access VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_membership PRIMARY KEY (user_id, project_id), 
	CONSTRAINT fk_membership_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_membership_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT ck_membership_access CHECK (access IN ('read_only', 'standard', 'admin'))
);
INSERT INTO "membership" VALUES(1,1,'admin');
CREATE TABLE payment (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	invoice_id INTEGER, 
	number VARCHAR(60) NOT NULL, 
	method VARCHAR(40) NOT NULL, 
	amount BIGINT NOT NULL, 
	date DATE NOT NULL, 
	check_number VARCHAR(60) NOT NULL, 
	invoice_number VARCHAR(60) NOT NULL, 
	notes TEXT NOT NULL, 
	CONSTRAINT pk_payment PRIMARY KEY (id), 
	CONSTRAINT ck_payment_number_is_given CHECK (number <> ''), 
	CONSTRAINT fk_payment_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT fk_payment_invoice_id_contract_id_invoice FOREIGN KEY(invoice_id, contract_id) REFERENCES invoice (id, contract_id), 
	CONSTRAINT uq_payment_contract_id_number UNIQUE (contract_id, number), 
	CONSTRAINT ck_payment_paymentmethod CHECK (method IN ('check', 'credit_card', 'electronic'))
);
CREATE TABLE period_schedule (
	project_id INTEGER NOT NULL, 
	frequency VARCHAR(40) NOT NULL, 
	end_day INTEGER, 
	due_day INTEGER, 
	is_due_later BOOLEAN NOT NULL, 
	done_until DATE, 
	default_start_day INTEGER, 
	default_end_day INTEGER, 
	default_due_day INTEGER, 
	due_rule VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_period_schedule PRIMARY KEY (project_id), 
	CONSTRAINT ck_period_schedule_days_fit_frequency CHECK ((frequency = 'never' AND end_day IS NULL AND due_day IS NULL) OR (frequency = 'monthly' AND end_day IS NOT NULL AND end_day BETWEEN 1 AND 31 AND (due_day IS NULL OR due_day BETWEEN 1 AND 31)) OR (frequency = 'weekly' AND end_day IS NOT NULL AND end_day BETWEEN 0 AND 6 AND (due_day IS NULL OR due_day BETWEEN 0 AND 6))), 
	CONSTRAINT ck_period_schedule_a_rule_knows_how_far_it_came CHECK ((frequency = 'never') = (done_until IS NULL)), 
	CONSTRAINT fk_period_schedule_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT ck_period_schedule_frequency CHECK (frequency IN ('never', 'monthly', 'weekly')), 
	CONSTRAINT ck_period_schedule_duerule CHECK (due_rule IN ('create', 'create_and_submit'))
);
CREATE TABLE project (
	id INTEGER NOT NULL, 
	number VARCHAR(60) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	timezone VARCHAR(60) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	general_contractor VARCHAR(200) NOT NULL, 
	architect VARCHAR(200) NOT NULL, 
	address VARCHAR(400) NOT NULL, 
	dictionary VARCHAR(40) NOT NULL, 
	created DATETIME NOT NULL, 
	last_backup INTEGER DEFAULT '0' NOT NULL, 
	recipe JSON, archived DATETIME, forbids_overbilling BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_project PRIMARY KEY (id), 
	CONSTRAINT ck_project_name_is_given CHECK (name <> ''), 
	CONSTRAINT ck_project_number_is_given CHECK (number <> ''), 
	CONSTRAINT uq_project_number UNIQUE (number), 
	CONSTRAINT ck_project_dictionary CHECK (dictionary IN ('general_contractors', 'owners', 'specialty_contractors'))
);
INSERT INTO "project" VALUES(1,'24-017','Harbor Tower','America/New_York','','','','','general_contractors','2026-11-23 00:59:26.590996',1,NULL,NULL,0);
INSERT INTO "project" VALUES(2,'other','Łódź – ”quoted” '' apostrophe','UTC','','','','','general_contractors','2026-11-23 00:59:27.047618',0,NULL,NULL,0);
CREATE TABLE retainage_rule (
	contract_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	rate INTEGER NOT NULL, 
	limit_kind VARCHAR(40) NOT NULL, 
	limit_rate INTEGER, 
	limit_amount BIGINT, 
	CONSTRAINT pk_retainage_rule PRIMARY KEY (contract_id, position), 
	CONSTRAINT ck_retainage_rule_at_most_five CHECK (position BETWEEN 1 AND 5), 
	CONSTRAINT ck_retainage_rule_rate_is_percent CHECK (rate BETWEEN 0 AND 10000), 
	CONSTRAINT ck_retainage_rule_limit_fits_kind CHECK ((limit_kind = 'amount' AND limit_amount IS NOT NULL AND limit_amount >= 0 AND limit_rate IS NULL) OR (limit_kind <> 'amount' AND limit_rate IS NOT NULL AND limit_rate BETWEEN 0 AND 10000 AND limit_amount IS NULL)), 
	CONSTRAINT fk_retainage_rule_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT ck_retainage_rule_until CHECK (limit_kind IN ('percent_of_original', 'percent_of_revised', 'amount'))
);
CREATE TABLE signature (
	id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64), 
	name VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_signature PRIMARY KEY (id), 
	CONSTRAINT ck_signature_completed_has_a_file CHECK (status <> 'completed' OR sha256 IS NOT NULL), 
	CONSTRAINT fk_signature_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_signature_sha256_stored_file FOREIGN KEY(sha256) REFERENCES stored_file (sha256) ON DELETE RESTRICT, 
	CONSTRAINT ck_signature_signaturestatus CHECK (status IN ('pending', 'completed', 'declined', 'voided'))
);
CREATE TABLE sov_line (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	change_order_id INTEGER, 
	position INTEGER NOT NULL, 
	item VARCHAR(60) NOT NULL, 
	description VARCHAR(1000) NOT NULL, 
	scheduled_value BIGINT NOT NULL, 
	budget_code VARCHAR(100) NOT NULL, unit VARCHAR(20) DEFAULT '' NOT NULL, quantity BIGINT, unit_price BIGINT CONSTRAINT ck_sov_line_quantity_has_its_price CHECK ((quantity IS NULL) = (unit_price IS NULL)), 
	CONSTRAINT pk_sov_line PRIMARY KEY (id), 
	CONSTRAINT fk_sov_line_change_order_id_change_order FOREIGN KEY(change_order_id) REFERENCES change_order (id) ON DELETE CASCADE, 
	CONSTRAINT fk_sov_line_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sov_line_change_order_id_item UNIQUE (change_order_id, item), 
	CONSTRAINT uq_sov_line_id_contract_id UNIQUE (id, contract_id)
);
INSERT INTO "sov_line" VALUES(1,1,NULL,4,'4','Foundation work',5000000,'','',NULL,NULL);
INSERT INTO "sov_line" VALUES(2,2,NULL,9,'9','Foundation work',5000000,'','',NULL,NULL);
CREATE TABLE stored_file (
	sha256 VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	created DATETIME NOT NULL, 
	facts JSON, 
	pages INTEGER, 
	problem VARCHAR(40), 
	CONSTRAINT pk_stored_file PRIMARY KEY (sha256), 
	CONSTRAINT ck_stored_file_sha256_is_whole CHECK (length(sha256) = 64), 
	CONSTRAINT ck_stored_file_size_is_not_negative CHECK (size >= 0)
);
INSERT INTO "stored_file" VALUES('0b42377815219e939d1766b41124536a1cf7e5febf8434399df1c684abea44d1',1334,'2026-11-23 00:59:26.856419',NULL,NULL,NULL);
INSERT INTO "stored_file" VALUES('5aa8440cf05995fbb49bff32d4f2eb0b3d9f16fb25468faabcda2ed767117850',1334,'2026-11-23 00:59:26.906320',NULL,NULL,NULL);
INSERT INTO "stored_file" VALUES('fb0d93290a7144431a45db4e0c746a7cc0d5022f0fe102f74a98fa7383da636e',1334,'2026-11-23 00:59:26.964466',NULL,NULL,NULL);
INSERT INTO "stored_file" VALUES('d6813e11df6e7c03da2f61010922fef0cfb54be9c05a4fe01a24ee8f29336d83',1334,'2026-11-23 00:59:26.993502',NULL,NULL,NULL);
CREATE TABLE user (
	id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	password_hash VARCHAR(300) NOT NULL, 
	is_administrator BOOLEAN NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	session_version INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_user PRIMARY KEY (id), 
	CONSTRAINT ck_user_email_is_lower CHECK (email = lower(email)), 
	CONSTRAINT uq_user_email UNIQUE (email)
);
INSERT INTO "user" VALUES(1,'old@example.org','Olga Old','x',1,1,1,'2026-11-23 00:59:26.592764');
CREATE INDEX ix_attempt_at ON attempt (at);
CREATE INDEX ix_attempt_subject_at ON attempt (subject, at);
CREATE INDEX ix_backup_status ON backup (status);
CREATE UNIQUE INDEX uq_billing_period_open ON billing_period (project_id) WHERE status = 'open';
CREATE INDEX ix_import_job_project_id ON import_job (project_id);
CREATE INDEX ix_import_job_requested_by_id ON import_job (requested_by_id);
CREATE INDEX ix_import_job_status ON import_job (status);
CREATE INDEX ix_membership_project_id ON membership (project_id);
CREATE INDEX ix_billing_period_event_period_id ON billing_period_event (period_id);
CREATE INDEX ix_contract_company_id ON contract (company_id);
CREATE INDEX ix_backup_contract_backup_id ON backup_contract (backup_id);
CREATE INDEX ix_backup_contract_contract_id ON backup_contract (contract_id);
CREATE INDEX ix_contract_reader_user_id ON contract_reader (user_id);
CREATE INDEX ix_invoice_period_id ON invoice (period_id);
CREATE INDEX ix_invoice_event_invoice_id_at ON invoice_event (invoice_id, at);
CREATE INDEX ix_invoice_event_user_id ON invoice_event (user_id);
CREATE INDEX ix_signature_invoice_id ON signature (invoice_id);
CREATE INDEX ix_signature_sha256 ON signature (sha256);
CREATE UNIQUE INDEX uq_signature_live ON signature (invoice_id) WHERE status IN ('pending', 'completed');
CREATE INDEX ix_sov_line_change_order_id ON sov_line (change_order_id);
CREATE INDEX ix_sov_line_contract_id ON sov_line (contract_id);
CREATE UNIQUE INDEX uq_sov_line_base_item ON sov_line (contract_id, item) WHERE change_order_id IS NULL;
CREATE INDEX ix_invoice_line_contract_id ON invoice_line (contract_id);
CREATE INDEX ix_invoice_line_sov_line_id ON invoice_line (sov_line_id);
CREATE INDEX ix_contract_event_contract_id_at ON contract_event (contract_id, at);
CREATE INDEX ix_contract_event_user_id ON contract_event (user_id);
CREATE INDEX ix_payment_invoice_id ON payment (invoice_id);
CREATE INDEX ix_attachment_invoice_id ON attachment (invoice_id);
CREATE INDEX ix_attachment_sha256 ON attachment (sha256);
CREATE INDEX ix_audit_entry_at ON audit_entry (at);
CREATE INDEX ix_audit_entry_action ON audit_entry (action);
CREATE INDEX ix_audit_entry_project_id_id ON audit_entry (project_id, id);
CREATE INDEX ix_audit_entry_email_id ON audit_entry (email, id);
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id OR hash = NEW.hash) BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('backup',1);
INSERT INTO "sqlite_sequence" VALUES('audit_entry',1);
COMMIT;
