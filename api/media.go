package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
	"drystone/service/media"
)

// files hands out what was uploaded, and pictures of other servers that stand
// in something here.
func files(e *echo.Echo, api *v1.API, from *media.Service) {
	e.GET(community.MediaPath+"*", func(c echo.Context) error {
		file, err := from.Open(c.Request().Context(), c.Param("*"))
		if err != nil {
			return err
		}
		// A file's name is made of what is in it, so it never changes.
		return hand(c, file, "public, max-age=31536000, immutable")
	})
	e.GET(community.RemotePath+":kind/:id/:file", func(c echo.Context) error {
		id, err := strconv.ParseInt(c.Param("id"), 10, 64)
		if err != nil {
			return fault.New(fault.NotFound, "There is no such picture.")
		}
		caller, err := api.CallerOf(c.Request(), c.RealIP())
		if err != nil {
			return err
		}
		file, closed, err := from.Remote(c.Request().Context(), caller.Reader(), c.Param("kind"), id, c.Param("file"))
		if err != nil {
			if !closed && fault.Is(err, fault.NotFound) {
				c.Response().Header().Set("Cache-Control", "public, max-age=300")
			}
			return err
		}
		// What is at an address elsewhere may change; what it stands in may not
		// be for everybody.
		keep := "public, max-age=86400"
		if closed {
			keep = "private, max-age=3600"
		}
		return hand(c, file, keep)
	})
}

// hand hands a file out. Other sites show it too, which is what it is for;
// should a browser open one as a page, that page may do nothing.
func hand(c echo.Context, file *media.File, keep string) error {
	defer file.Close()
	h := c.Response().Header()
	h.Set("Content-Type", file.Kind)
	h.Set("Cache-Control", keep)
	h.Set("ETag", `"`+file.Name+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Disposition", "inline")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, file)
	return nil
}
