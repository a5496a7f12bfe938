"""Flask extensions, created unbound and initialised in `app.create_app`.

Flask-Migrate is in `services.system.schema`: it brings Alembic, which no worker needs.
"""

from flask_babel import Babel
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

from services.smtp import VerifiedMail

babel = Babel()
csrf = CSRFProtect()
htmx = HTMX()
login_manager = LoginManager()
mail = VerifiedMail()
