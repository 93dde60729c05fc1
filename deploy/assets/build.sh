#!/bin/sh
# Makes exchange/web/static/vendor/govuk-frontend/ anew from the npm package. Needs Node; nobody else does:
# the result is committed. Run after changing govuk-frontend.scss or a version below, and look at every page.
set -eu
GOVUK_FRONTEND=6.6.0
SASS=1.108.2

here=$(cd "$(dirname "$0")" && pwd)
target=$here/../../exchange/web/static/vendor/govuk-frontend
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" \
    "govuk-frontend@$GOVUK_FRONTEND" "sass@$SASS"
"$work/node_modules/.bin/sass" --style=compressed --no-source-map --load-path="$work/node_modules" \
    "$here/govuk-frontend.scss" "$target/govuk-frontend.css"
sed 's|//# sourceMappingURL=.*||' "$work/node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js" \
    >"$target/govuk-frontend.js"
