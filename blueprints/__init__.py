"""HTTP: one module per noun, registered here."""

from flask import Flask

from blueprints import (
    access,
    account,
    actors,
    api,
    api_tokens,
    attachment_types,
    attachments,
    audit_commands,
    audit_log,
    auth,
    backup_commands,
    backups,
    billing_periods,
    change_orders,
    commands,
    company,
    contracts,
    deliveries,
    delivery,
    errors,
    exports,
    health,
    imports,
    invoice_creation,
    invoice_entry,
    invoice_reviews,
    invoice_statuses,
    invoices,
    invoicing,
    links,
    mail_settings,
    members,
    metrics,
    missing_items,
    outbox,
    payments,
    people,
    period_commands,
    point_of_view,
    private_contracts,
    project_commands,
    project_settings,
    projects,
    provider_sign_in,
    required_documents,
    schedules,
    signatures,
    signing,
    signing_settings,
    static_files,
    storage_commands,
    system,
    system_commands,
    terminal,
    two_factor,
    uploads,
    user_commands,
    webhooks,
)
from blueprints.access import RowId
from blueprints.rendering import vary_on_htmx
from blueprints.security import add_headers, begin_reading, end_reading


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowId
    for module in (
        account,
        api_tokens,
        attachment_types,
        attachments,
        audit_commands,
        audit_log,
        auth,
        backup_commands,
        backups,
        billing_periods,
        change_orders,
        commands,
        company,
        contracts,
        deliveries,
        delivery,
        errors,
        exports,
        health,
        invoice_creation,
        invoice_entry,
        invoice_reviews,
        invoice_statuses,
        imports,
        invoicing,
        invoices,
        links,
        mail_settings,
        members,
        metrics,
        missing_items,
        outbox,
        payments,
        people,
        period_commands,
        private_contracts,
        project_commands,
        project_settings,
        projects,
        provider_sign_in,
        required_documents,
        schedules,
        signatures,
        signing,
        signing_settings,
        system,
        storage_commands,
        system_commands,
        two_factor,
        uploads,
        user_commands,
        webhooks,
    ):
        app.register_blueprint(module.bp)
    api.init_app(app)
    access.init_app(app)
    metrics.init_app(app)
    missing_items.init_app(app)
    actors.init_app(app)
    point_of_view.init_app(app)
    terminal.init_app(app)
    static_files.init_app(app)
    app.before_request(begin_reading)
    app.after_request(vary_on_htmx)
    app.after_request(add_headers)
    app.teardown_request(end_reading)
