package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
	finding "drystone/service/search"
)

const mapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

type mapIndex struct {
	XMLName xml.Name   `xml:"sitemapindex"`
	Space   string     `xml:"xmlns,attr"`
	Maps    []mapPlace `xml:"sitemap"`
}

type mapPages struct {
	XMLName xml.Name   `xml:"urlset"`
	Space   string     `xml:"xmlns,attr"`
	Pages   []mapPlace `xml:"url"`
}

type mapPlace struct {
	At      string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// sitemap is the map for search engines (sitemaps.org): which parts it has.
func (s *Site) sitemap(c echo.Context) error {
	parts, err := s.API.Maps(c.Request().Context(), v1.Nobody(c.Request(), c.RealIP()))
	if err != nil {
		return err
	}
	index := mapIndex{Space: mapSpace}
	for _, part := range parts {
		index.Maps = append(index.Maps, mapPlace{At: fmt.Sprintf("%s/sitemap/%s-%d.xml", s.Origin, part.Kind, part.Number)})
	}
	if len(parts) == 0 {
		return fault.New(fault.NotFound, "There is nothing here yet that search engines may show.")
	}
	return sendMap(c, index)
}

// sitemapPart is a part of it: pages whose authors and groups let search
// engines show them.
func (s *Site) sitemapPart(c echo.Context) error {
	part, known := mapPart(c.Param("part"))
	if !known {
		return fault.New(fault.NotFound, "There is no such map.")
	}
	list, err := s.API.Map(c.Request().Context(), v1.Nobody(c.Request(), c.RealIP()), part)
	if err != nil {
		return err
	}
	pages := mapPages{Space: mapSpace}
	for _, it := range list {
		place := mapPlace{At: s.Origin}
		switch part.Kind {
		case community.MapGroups:
			place.At += "/c/" + it.Name
		case community.MapPeople:
			place.At += "/u/" + it.Name
		default:
			place.At += postPath(it.ID)
		}
		if !it.ChangedAt.IsZero() {
			place.Changed = it.ChangedAt.UTC().Format(time.RFC3339)
		}
		pages.Pages = append(pages.Pages, place)
	}
	return sendMap(c, pages)
}

// mapPart reads the name of a part, such as posts-12.xml.
func mapPart(name string) (finding.MapPart, bool) {
	bare, is := strings.CutSuffix(name, ".xml")
	kind, number, cut := strings.Cut(bare, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	part := finding.MapPart{Kind: community.MapKind(kind), Number: n}
	for _, known := range community.MapKinds {
		if part.Kind == known {
			return part, is && cut && err == nil && strconv.FormatInt(n, 10) == number
		}
	}
	return part, false
}

func sendMap(c echo.Context, document any) error {
	out := bytes.NewBufferString(xml.Header)
	if err := xml.NewEncoder(out).Encode(document); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=3600")
	tag := mark(out.Bytes())
	h.Set("ETag", tag)
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, "application/xml; charset=utf-8", out.Bytes())
}
