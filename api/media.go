package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/community"
	"drystone/service/media"
)

// pictures hands out what was uploaded. A file's name is made of what is in it,
// so it never changes. Other sites show it too, which is what it is for; should
// a browser open one as a page, that page may do nothing.
func pictures(e *echo.Echo, from *media.Service) {
	e.GET(community.MediaPath+"*", func(c echo.Context) error {
		name := c.Param("*")
		file, err := from.Open(c.Request().Context(), name)
		if err != nil {
			return err
		}
		defer file.Close()
		h := c.Response().Header()
		h.Set("Content-Type", file.Kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+name+`"`)
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Content-Disposition", "inline")
		http.ServeContent(c.Response(), c.Request(), "", time.Time{}, file)
		return nil
	})
}
