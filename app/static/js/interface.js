// The description of the interface (OpenAPI), drawn by the bundled Swagger UI.
(function () {
  "use strict";
  const place = document.getElementById("swagger-ui");
  if (!place || !window.SwaggerUIBundle) return;
  window.SwaggerUIBundle({ url: place.dataset.openapi, domNode: place, presets: [window.SwaggerUIBundle.presets.apis], layout: "BaseLayout" });
})();
