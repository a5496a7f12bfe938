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
INSERT INTO "alembic_version" VALUES('0014');
CREATE TABLE api_answer (
	id INTEGER NOT NULL, 
	token_id INTEGER NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	status INTEGER, 
	body JSON, 
	location VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_api_answer PRIMARY KEY (id), 
	CONSTRAINT fk_api_answer_token_id_api_token FOREIGN KEY(token_id) REFERENCES api_token (id) ON DELETE CASCADE, 
	CONSTRAINT uq_api_answer_token_id_key UNIQUE (token_id, "key")
);
CREATE TABLE api_token (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	scopes JSON NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	last_used DATETIME, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT ck_api_token_hash_is_whole CHECK (length(token_hash) = 64), 
	CONSTRAINT fk_api_token_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_api_token_token_hash UNIQUE (token_hash)
);
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
INSERT INTO "attachment" VALUES(1,1,'0b42377815219e939d1766b41124536a1cf7e5febf8434399df1c684abea44d1',5,'0.pdf',0,'2026-11-23 00:59:59.478639','backup',0,NULL);
INSERT INTO "attachment" VALUES(2,1,'5aa8440cf05995fbb49bff32d4f2eb0b3d9f16fb25468faabcda2ed767117850',6,'1.pdf',0,'2026-11-23 00:59:59.501418','backup',0,NULL);
INSERT INTO "attachment" VALUES(3,2,'fb0d93290a7144431a45db4e0c746a7cc0d5022f0fe102f74a98fa7383da636e',10,'0.pdf',0,'2026-11-23 00:59:59.545972','backup',0,NULL);
INSERT INTO "attachment" VALUES(4,2,'d6813e11df6e7c03da2f61010922fef0cfb54be9c05a4fe01a24ee8f29336d83',11,'1.pdf',0,'2026-11-23 00:59:59.577129','backup',0,NULL);
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
INSERT INTO "audit_entry" VALUES(1,'2026-11-23 00:59:59.624018',1,'old@example.org','Olga Old','project.exported',1,'24-017','',NULL,'{}','','0000000000000000000000000000000000000000000000000000000000000000','a7ae57bb2664303cc3c9ac7adfa0365bc750c9caa0229319919a741be00b4556');
CREATE TABLE "backup" (
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
	is_for_recipients BOOLEAN DEFAULT 0 NOT NULL, 
	selection_key VARCHAR(64) DEFAULT ('') NOT NULL, 
	is_kept BOOLEAN DEFAULT 0 NOT NULL, 
	files_removed_at DATETIME, 
	CONSTRAINT fk_backup_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT ck_backup_done_has_a_file CHECK (status <> 'done' OR (path IS NOT NULL AND sha256 IS NOT NULL AND manifest IS NOT NULL)), 
	CONSTRAINT fk_backup_requested_by_id_user FOREIGN KEY(requested_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT ck_backup_backupstatus CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')), 
	CONSTRAINT uq_backup_project_id_number UNIQUE (project_id, number), 
	CONSTRAINT ck_backup_kept_has_its_files CHECK (is_kept IS FALSE OR files_removed_at IS NULL)
);
INSERT INTO "backup" VALUES(1,1,1,NULL,'2026-08-31 18:05:09.000000','{"title": "Subcontractor invoice backup", "project_name": "Harbor Tower", "project_number": "24-017", "timezone": "America/New_York", "dictionary": "general_contractors", "requested_by": "Alice Adams", "owner": "", "general_contractor": "", "invoices": [], "labels": {}, "recipe": {}}','done','',0,0,0,NULL,'2026-08-31 18:05:09.000000',NULL,0,NULL,'Subcontractor invoice backup - Harbor Tower - 1.pdf','backups/1/Subcontractor invoice backup - Harbor Tower - 1.pdf',21,3,'e9f50053d394f4cae0a31907d9eefb0a8c6472ada4414b64d21f26a072dc3d9a','{"entries": [], "left_out": [], "pages": 3, "volumes": [], "originals": null}',0,'',0,NULL);
CREATE TABLE backup_contract (
	backup_id INTEGER, 
	contract_id INTEGER, 
	CONSTRAINT fk_backup_contract_backup_id_backup FOREIGN KEY(backup_id) REFERENCES backup (id) ON DELETE CASCADE, 
	CONSTRAINT fk_backup_contract_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE SET NULL
);
CREATE TABLE backup_link (
	id INTEGER NOT NULL, 
	backup_id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	is_public BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	revoked_at DATETIME, 
	downloads INTEGER NOT NULL, 
	last_download_at DATETIME, 
	CONSTRAINT pk_backup_link PRIMARY KEY (id), 
	CONSTRAINT fk_backup_link_backup_id_backup FOREIGN KEY(backup_id) REFERENCES backup (id) ON DELETE CASCADE, 
	CONSTRAINT uq_backup_link_token_hash UNIQUE (token_hash)
);
CREATE TABLE backup_schedule (
	project_id INTEGER NOT NULL, 
	occasion VARCHAR(40) NOT NULL, 
	day INTEGER, 
	minute INTEGER NOT NULL, 
	statuses JSON NOT NULL, 
	set_up_by_id INTEGER, 
	next_run_at DATETIME, 
	last_event_id INTEGER NOT NULL, 
	last_run_at DATETIME, 
	last_result TEXT NOT NULL, 
	CONSTRAINT pk_backup_schedule PRIMARY KEY (project_id), 
	CONSTRAINT ck_backup_schedule_day_fits_occasion CHECK ((occasion = 'weekly' AND day IS NOT NULL AND day BETWEEN 0 AND 6) OR (occasion = 'monthly' AND day IS NOT NULL AND day BETWEEN 1 AND 31) OR (occasion IN ('never', 'period_closed') AND day IS NULL)), 
	CONSTRAINT ck_backup_schedule_a_clock_knows_its_next_time CHECK ((occasion IN ('weekly', 'monthly')) = (next_run_at IS NOT NULL)), 
	CONSTRAINT ck_backup_schedule_minute_is_of_a_day CHECK (minute BETWEEN 0 AND 1439), 
	CONSTRAINT fk_backup_schedule_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_backup_schedule_set_up_by_id_user FOREIGN KEY(set_up_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT ck_backup_schedule_occasion CHECK (occasion IN ('never', 'period_closed', 'weekly', 'monthly'))
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
CREATE TABLE connect_key (
	id INTEGER NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	secret TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_connect_key PRIMARY KEY (id)
);
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
CREATE TABLE delivery_plan (
	project_id INTEGER NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	message TEXT NOT NULL, 
	link_days INTEGER NOT NULL, 
	is_public BOOLEAN NOT NULL, 
	attach_megabytes INTEGER, 
	CONSTRAINT pk_delivery_plan PRIMARY KEY (project_id), 
	CONSTRAINT ck_delivery_plan_attachments_fit_into_mails CHECK (attach_megabytes IS NULL OR attach_megabytes BETWEEN 1 AND 25), 
	CONSTRAINT ck_delivery_plan_link_days_are_sane CHECK (link_days BETWEEN 1 AND 3650), 
	CONSTRAINT fk_delivery_plan_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
CREATE TABLE document_exemption (
	id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	document_type VARCHAR(40) NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	at DATETIME NOT NULL, 
	user_id INTEGER, 
	CONSTRAINT pk_document_exemption PRIMARY KEY (id), 
	CONSTRAINT ck_document_exemption_reason_is_given CHECK (reason <> ''), 
	CONSTRAINT fk_document_exemption_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_document_exemption_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT uq_document_exemption_invoice_id_document_type UNIQUE (invoice_id, document_type)
);
CREATE TABLE document_request (
	id INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	asked_by_id INTEGER, 
	created DATETIME NOT NULL, 
	items JSON NOT NULL, 
	recipients JSON NOT NULL, 
	message TEXT NOT NULL, 
	token_hash VARCHAR(64), 
	expires DATETIME, 
	revoked_at DATETIME, 
	mailed_at DATETIME, 
	mail_error TEXT, 
	CONSTRAINT pk_document_request PRIMARY KEY (id), 
	CONSTRAINT fk_document_request_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT fk_document_request_asked_by_id_user FOREIGN KEY(asked_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT uq_document_request_token_hash UNIQUE (token_hash)
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
CREATE TABLE identity (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	issuer VARCHAR(300) NOT NULL, 
	subject VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_identity PRIMARY KEY (id), 
	CONSTRAINT fk_identity_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_identity_issuer_subject UNIQUE (issuer, subject), 
	CONSTRAINT uq_identity_user_id_issuer UNIQUE (user_id, issuer)
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
CREATE TABLE "installation" (
	id INTEGER NOT NULL, 
	dictionary VARCHAR(40) NOT NULL, 
	two_factor_required BOOLEAN DEFAULT 0 NOT NULL, 
	keep_days INTEGER, 
	keep_last INTEGER, 
	CONSTRAINT pk_installation PRIMARY KEY (id), 
	CONSTRAINT ck_installation_dictionary CHECK (dictionary IN ('general_contractors', 'owners', 'specialty_contractors')), 
	CONSTRAINT ck_installation_is_one_row CHECK (id = 1), 
	CONSTRAINT ck_installation_one_rule_of_retention CHECK ((keep_days IS NULL OR keep_last IS NULL) AND (keep_days IS NULL OR keep_days BETWEEN 1 AND 36500) AND (keep_last IS NULL OR keep_last BETWEEN 1 AND 10000))
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
	pages INTEGER, is_final BOOLEAN DEFAULT 0 NOT NULL, version INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_invoice PRIMARY KEY (id), 
	CONSTRAINT ck_invoice_position_from_one CHECK (position >= 1), 
	CONSTRAINT fk_invoice_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT fk_invoice_period_id_billing_period FOREIGN KEY(period_id) REFERENCES billing_period (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_invoice_contract_id_position UNIQUE (contract_id, position), 
	CONSTRAINT uq_invoice_id_contract_id UNIQUE (id, contract_id), 
	CONSTRAINT ck_invoice_invoicestatus CHECK (status IN ('draft', 'under_review', 'revise_and_resubmit', 'approved', 'approved_as_noted', 'pending_owner_approval'))
);
INSERT INTO "invoice" VALUES(1,1,1,1,'','approved',NULL,'','2026-11-23 00:59:59.294695',5000000,100000,100000,10000,90000,90000,4910000,'[]',NULL,NULL,0,1);
INSERT INTO "invoice" VALUES(2,2,1,1,'','approved',NULL,'','2026-11-23 00:59:59.509305',5000000,100000,100000,10000,90000,90000,4910000,'[]',NULL,NULL,0,1);
CREATE TABLE invoice_comment (
	id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	user_id INTEGER, 
	at DATETIME NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_invoice_comment PRIMARY KEY (id), 
	CONSTRAINT fk_invoice_comment_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_invoice_comment_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE SET NULL
);
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
	new TEXT NOT NULL, subject VARCHAR(140) DEFAULT '' NOT NULL, line_id INTEGER, version INTEGER, 
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
	stored_retainage_released BIGINT NOT NULL, quantity_this_period BIGINT, review VARCHAR(40) DEFAULT 'no_action' NOT NULL CONSTRAINT ck_invoice_line_review CHECK (review IN ('no_action', 'approved', 'rejected')), review_reason VARCHAR(500) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_invoice_line PRIMARY KEY (invoice_id, sov_line_id), 
	CONSTRAINT fk_invoice_line_invoice_id_contract_id_invoice FOREIGN KEY(invoice_id, contract_id) REFERENCES invoice (id, contract_id) ON DELETE CASCADE, 
	CONSTRAINT fk_invoice_line_sov_line_id_contract_id_sov_line FOREIGN KEY(sov_line_id, contract_id) REFERENCES sov_line (id, contract_id)
);
INSERT INTO "invoice_line" VALUES(1,1,1,100000,0,0,NULL,NULL,0,NULL,NULL,0,NULL,'no_action','');
INSERT INTO "invoice_line" VALUES(2,2,2,100000,0,0,NULL,NULL,0,NULL,NULL,0,NULL,'no_action','');
CREATE TABLE mail_delivery (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	backup_id INTEGER, 
	kind VARCHAR(40) NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	tries INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	next_try_at DATETIME, 
	tried_at DATETIME, 
	sent_at DATETIME, 
	error TEXT, 
	findings JSON NOT NULL, 
	link_id INTEGER, 
	CONSTRAINT pk_mail_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_mail_delivery_backup_id_backup FOREIGN KEY(backup_id) REFERENCES backup (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mail_delivery_link_id_backup_link FOREIGN KEY(link_id) REFERENCES backup_link (id) ON DELETE SET NULL, 
	CONSTRAINT fk_mail_delivery_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mail_delivery_backup_id_email UNIQUE (backup_id, email), 
	CONSTRAINT ck_mail_delivery_mailkind CHECK (kind IN ('ready', 'failed', 'delivery', 'blocked')), 
	CONSTRAINT ck_mail_delivery_mailstate CHECK (state IN ('queued', 'sending', 'sent', 'failed'))
);
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
CREATE TABLE "project" (
	id INTEGER NOT NULL, 
	number VARCHAR(60) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	timezone VARCHAR(60) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	general_contractor VARCHAR(200) NOT NULL, 
	architect VARCHAR(200) NOT NULL, 
	address VARCHAR(400) NOT NULL, 
	dictionary VARCHAR(40), 
	created DATETIME NOT NULL, 
	last_backup INTEGER DEFAULT '0' NOT NULL, 
	recipe JSON, 
	archived DATETIME, 
	forbids_overbilling BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_project PRIMARY KEY (id), 
	CONSTRAINT ck_project_dictionary CHECK (dictionary IN ('general_contractors', 'owners', 'specialty_contractors')), 
	CONSTRAINT uq_project_number UNIQUE (number), 
	CONSTRAINT ck_project_number_is_given CHECK (number <> ''), 
	CONSTRAINT ck_project_name_is_given CHECK (name <> '')
);
INSERT INTO "project" VALUES(1,'24-017','Harbor Tower','America/New_York','','','','',NULL,'2026-11-23 00:59:59.155992',1,NULL,NULL,0);
INSERT INTO "project" VALUES(2,'other','Łódź – ”quoted” '' apostrophe','UTC','','','','',NULL,'2026-11-23 00:59:59.601951',0,NULL,NULL,0);
CREATE TABLE provider_visit (
	id INTEGER NOT NULL, 
	state_hash VARCHAR(64) NOT NULL, 
	nonce VARCHAR(64) NOT NULL, 
	verifier VARCHAR(128) NOT NULL, 
	target VARCHAR(2000) NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_provider_visit PRIMARY KEY (id), 
	CONSTRAINT uq_provider_visit_state_hash UNIQUE (state_hash)
);
CREATE TABLE recipient (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_recipient PRIMARY KEY (id), 
	CONSTRAINT ck_recipient_email_is_lower CHECK (email = lower(email)), 
	CONSTRAINT fk_recipient_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_recipient_project_id_email UNIQUE (project_id, email)
);
CREATE TABLE recovery_code (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_recovery_code PRIMARY KEY (id), 
	CONSTRAINT fk_recovery_code_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_recovery_code_user_id_code_hash UNIQUE (user_id, code_hash)
);
CREATE TABLE required_document (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	contract_id INTEGER, 
	document_type VARCHAR(40) NOT NULL, 
	requirement VARCHAR(40) NOT NULL, 
	strictness VARCHAR(40) NOT NULL, 
	from_position INTEGER NOT NULL, 
	from_amount BIGINT, 
	CONSTRAINT pk_required_document PRIMARY KEY (id), 
	CONSTRAINT ck_required_document_position_from_one CHECK (from_position >= 1), 
	CONSTRAINT ck_required_document_exempts_a_contract CHECK (strictness <> 'not_required' OR contract_id IS NOT NULL), 
	CONSTRAINT fk_required_document_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_required_document_contract_id_contract FOREIGN KEY(contract_id) REFERENCES contract (id) ON DELETE CASCADE, 
	CONSTRAINT uq_required_document_project_id_contract_id_document_type UNIQUE (project_id, contract_id, document_type), 
	CONSTRAINT ck_required_document_requirement CHECK (requirement IN ('invoice', 'previous_payment', 'contract')), 
	CONSTRAINT ck_required_document_strictness CHECK (strictness IN ('warn', 'block', 'not_required'))
);
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
CREATE TABLE second_factor (
	user_id INTEGER NOT NULL, 
	sealed_secret VARCHAR(300) NOT NULL, 
	confirmed_at DATETIME, 
	last_step BIGINT NOT NULL, 
	CONSTRAINT pk_second_factor PRIMARY KEY (user_id), 
	CONSTRAINT fk_second_factor_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE
);
CREATE TABLE sign_in (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	created DATETIME NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	browser VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_sign_in PRIMARY KEY (id), 
	CONSTRAINT fk_sign_in_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sign_in_token_hash UNIQUE (token_hash), 
	CONSTRAINT ck_sign_in_signinstate CHECK (state IN ('link', 'needs_code', 'whole'))
);
CREATE TABLE signature (
	id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64), 
	name VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	provider VARCHAR(40) DEFAULT 'upload' NOT NULL, 
	substance_key VARCHAR(64), 
	transaction_id VARCHAR(36), 
	envelope_id VARCHAR(64), 
	provider_status VARCHAR(40) DEFAULT '' NOT NULL, 
	signer_name VARCHAR(200) DEFAULT '' NOT NULL, 
	signer_email VARCHAR(254) DEFAULT '' NOT NULL, 
	signed_at DATETIME, 
	sent_sha256 VARCHAR(64), 
	sent_pages INTEGER, 
	certificate_sha256 VARCHAR(64), 
	requested_by_id INTEGER, 
	reason TEXT DEFAULT '' NOT NULL, 
	is_void_wanted BOOLEAN DEFAULT 0 NOT NULL, 
	problem TEXT DEFAULT '' NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	next_check DATETIME, 
	refreshed_at DATETIME, 
	CONSTRAINT pk_signature PRIMARY KEY (id), 
	CONSTRAINT ck_signature_completed_has_a_file CHECK (status <> 'completed' OR sha256 IS NOT NULL), 
	CONSTRAINT fk_signature_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_signature_requested_by_id_user FOREIGN KEY(requested_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_signature_certificate_sha256_stored_file FOREIGN KEY(certificate_sha256) REFERENCES stored_file (sha256) ON DELETE RESTRICT, 
	CONSTRAINT fk_signature_sent_sha256_stored_file FOREIGN KEY(sent_sha256) REFERENCES stored_file (sha256) ON DELETE RESTRICT, 
	CONSTRAINT fk_signature_sha256_stored_file FOREIGN KEY(sha256) REFERENCES stored_file (sha256) ON DELETE RESTRICT, 
	CONSTRAINT uq_signature_envelope_id UNIQUE (envelope_id), 
	CONSTRAINT uq_signature_transaction_id UNIQUE (transaction_id), 
	CONSTRAINT ck_signature_signaturestatus CHECK (status IN ('setup_not_completed', 'pending', 'completed', 'declined', 'voided', 'set_aside')), 
	CONSTRAINT ck_signature_signingprovider CHECK (provider IN ('upload', 'docusign'))
);
CREATE TABLE signing_account (
	id INTEGER NOT NULL, 
	base_url VARCHAR(300) NOT NULL, 
	integration_key VARCHAR(64) NOT NULL, 
	user_id VARCHAR(64) NOT NULL, 
	account_id VARCHAR(64) NOT NULL, 
	private_key TEXT NOT NULL, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_signing_account PRIMARY KEY (id), 
	CONSTRAINT ck_signing_account_only_one CHECK (id = 1)
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
INSERT INTO "stored_file" VALUES('0b42377815219e939d1766b41124536a1cf7e5febf8434399df1c684abea44d1',1334,'2026-11-23 00:59:59.468483',NULL,NULL,NULL);
INSERT INTO "stored_file" VALUES('5aa8440cf05995fbb49bff32d4f2eb0b3d9f16fb25468faabcda2ed767117850',1334,'2026-11-23 00:59:59.500860',NULL,NULL,NULL);
INSERT INTO "stored_file" VALUES('fb0d93290a7144431a45db4e0c746a7cc0d5022f0fe102f74a98fa7383da636e',1334,'2026-11-23 00:59:59.545422',NULL,NULL,NULL);
INSERT INTO "stored_file" VALUES('d6813e11df6e7c03da2f61010922fef0cfb54be9c05a4fe01a24ee8f29336d83',1334,'2026-11-23 00:59:59.576561',NULL,NULL,NULL);
CREATE TABLE submitted_file (
	id INTEGER NOT NULL, 
	request_id INTEGER NOT NULL, 
	invoice_id INTEGER NOT NULL, 
	document_type VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	decided_by_id INTEGER, 
	decided_at DATETIME, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_submitted_file PRIMARY KEY (id), 
	CONSTRAINT fk_submitted_file_request_id_document_request FOREIGN KEY(request_id) REFERENCES document_request (id) ON DELETE CASCADE, 
	CONSTRAINT fk_submitted_file_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_submitted_file_sha256_stored_file FOREIGN KEY(sha256) REFERENCES stored_file (sha256) ON DELETE RESTRICT, 
	CONSTRAINT fk_submitted_file_decided_by_id_user FOREIGN KEY(decided_by_id) REFERENCES user (id) ON DELETE SET NULL, 
	CONSTRAINT ck_submitted_file_submissionstatus CHECK (status IN ('waiting', 'accepted', 'refused'))
);
CREATE TABLE "user" (
	id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	password_hash VARCHAR(300) NOT NULL, 
	is_administrator BOOLEAN NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	dictionary VARCHAR(40), 
	CONSTRAINT pk_user PRIMARY KEY (id), 
	CONSTRAINT uq_user_email UNIQUE (email), 
	CONSTRAINT ck_user_dictionary CHECK (dictionary IN ('general_contractors', 'owners', 'specialty_contractors')), 
	CONSTRAINT ck_user_email_is_lower CHECK (email = lower(email))
);
INSERT INTO "user" VALUES(1,'old@example.org','Olga Old','x',1,1,'2026-11-23 00:59:59.170290',NULL);
CREATE TABLE waiting_mail (
	id INTEGER NOT NULL, 
	topic VARCHAR(40) NOT NULL, 
	token_id INTEGER, 
	request_id INTEGER, 
	submitted_id INTEGER, 
	invoice_id INTEGER, 
	user_id INTEGER, 
	state VARCHAR(40) NOT NULL, 
	tries INTEGER NOT NULL, 
	created DATETIME NOT NULL, 
	next_try_at DATETIME, 
	tried_at DATETIME, 
	error TEXT, 
	CONSTRAINT pk_waiting_mail PRIMARY KEY (id), 
	CONSTRAINT ck_waiting_mail_topic_has_its_rows CHECK ((topic = 'account') = (token_id IS NOT NULL) AND (topic = 'documents_asked') = (request_id IS NOT NULL) AND (topic = 'file_refused') = (submitted_id IS NOT NULL) AND (topic = 'review_finished') = (invoice_id IS NOT NULL AND user_id IS NOT NULL)), 
	CONSTRAINT fk_waiting_mail_invoice_id_invoice FOREIGN KEY(invoice_id) REFERENCES invoice (id) ON DELETE CASCADE, 
	CONSTRAINT fk_waiting_mail_request_id_document_request FOREIGN KEY(request_id) REFERENCES document_request (id) ON DELETE CASCADE, 
	CONSTRAINT fk_waiting_mail_submitted_id_submitted_file FOREIGN KEY(submitted_id) REFERENCES submitted_file (id) ON DELETE CASCADE, 
	CONSTRAINT fk_waiting_mail_token_id_account_token FOREIGN KEY(token_id) REFERENCES account_token (id) ON DELETE CASCADE, 
	CONSTRAINT fk_waiting_mail_user_id_user FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT ck_waiting_mail_topic CHECK (topic IN ('account', 'documents_asked', 'file_refused', 'review_finished')), 
	CONSTRAINT ck_waiting_mail_mailstate CHECK (state IN ('queued', 'sending', 'sent', 'failed'))
);
CREATE INDEX ix_attempt_at ON attempt (at);
CREATE INDEX ix_attempt_subject_at ON attempt (subject, at);
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
CREATE UNIQUE INDEX uq_signature_live ON signature (invoice_id) WHERE status IN ('setup_not_completed', 'pending', 'completed');
CREATE INDEX ix_signature_certificate_sha256 ON signature (certificate_sha256);
CREATE INDEX ix_signature_invoice_id ON signature (invoice_id);
CREATE INDEX ix_signature_next_check ON signature (next_check);
CREATE INDEX ix_signature_requested_by_id ON signature (requested_by_id);
CREATE INDEX ix_signature_sent_sha256 ON signature (sent_sha256);
CREATE INDEX ix_signature_sha256 ON signature (sha256);
CREATE INDEX ix_invoice_comment_invoice_id ON invoice_comment (invoice_id);
CREATE INDEX ix_invoice_comment_user_id ON invoice_comment (user_id);
CREATE INDEX ix_api_token_user_id ON api_token (user_id);
CREATE INDEX ix_api_answer_created ON api_answer (created);
CREATE INDEX ix_backup_link_backup_id ON backup_link (backup_id);
CREATE INDEX ix_mail_delivery_state_next_try_at ON mail_delivery (state, next_try_at);
CREATE INDEX ix_required_document_contract_id ON required_document (contract_id);
CREATE UNIQUE INDEX uq_required_document_of_project ON required_document (project_id, document_type) WHERE contract_id IS NULL;
CREATE INDEX ix_document_exemption_user_id ON document_exemption (user_id);
CREATE INDEX ix_document_request_contract_id ON document_request (contract_id);
CREATE INDEX ix_document_request_asked_by_id ON document_request (asked_by_id);
CREATE INDEX ix_submitted_file_request_id ON submitted_file (request_id);
CREATE INDEX ix_submitted_file_invoice_id ON submitted_file (invoice_id);
CREATE INDEX ix_submitted_file_sha256 ON submitted_file (sha256);
CREATE INDEX ix_submitted_file_decided_by_id ON submitted_file (decided_by_id);
CREATE INDEX ix_waiting_mail_invoice_id ON waiting_mail (invoice_id);
CREATE INDEX ix_waiting_mail_request_id ON waiting_mail (request_id);
CREATE INDEX ix_waiting_mail_state_next_try_at ON waiting_mail (state, next_try_at);
CREATE INDEX ix_waiting_mail_submitted_id ON waiting_mail (submitted_id);
CREATE INDEX ix_waiting_mail_token_id ON waiting_mail (token_id);
CREATE INDEX ix_waiting_mail_user_id ON waiting_mail (user_id);
CREATE INDEX ix_sign_in_user_id ON sign_in (user_id);
CREATE INDEX ix_provider_visit_created ON provider_visit (created);
CREATE INDEX ix_backup_status ON backup (status);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('backup',1);
INSERT INTO "sqlite_sequence" VALUES('audit_entry',1);
COMMIT;
