package blobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"drystone/fault"
)

// s3Wait is how long the object store may take to begin its answer.
const s3Wait = 20 * time.Second

// s3 keeps files in a bucket of an object store, below a prefix.
type s3 struct {
	client         *minio.Client
	bucket, prefix string
}

// openS3 reads s3://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX][?region=…&tls=no].
// It asks nobody yet.
func openS3(address string) (Store, error) {
	wrong := errors.New("want s3://KEY:SECRET@HOST/BUCKET, perhaps with a /PREFIX, ?region=… and tls=no behind it")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil {
		return nil, wrong // the address holds a secret, and so does the error
	}
	secret, _ := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if bucket == "" || secret == "" || u.User.Username() == "" {
		return nil, wrong
	}
	if prefix != "" {
		prefix += "/"
	}
	region := u.Query().Get("region")
	if region == "" {
		region = "us-east-1" // what stores without regions go by
	}
	transport, err := minio.DefaultTransport(u.Query().Get("tls") != "no")
	if err != nil {
		return nil, err
	}
	transport.ResponseHeaderTimeout = s3Wait
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(u.User.Username(), secret, ""), Secure: u.Query().Get("tls") != "no",
		Region: region, BucketLookup: minio.BucketLookupPath, Transport: transport, MaxRetries: 3,
	})
	if err != nil {
		return nil, wrong
	}
	return &s3{client: client, bucket: bucket, prefix: prefix}, nil
}

func (s *s3) Put(ctx context.Context, name, kind string, content []byte) (err error) {
	defer fault.Wrap(&err, "blobs.Put(%s)", name)
	if err := check(name); err != nil {
		return err
	}
	_, err = s.client.PutObject(ctx, s.bucket, s.prefix+name, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: kind, CacheControl: "public, max-age=31536000, immutable", DisableMultipart: true})
	return unavailable(err)
}

// Open asks for nothing but the file's size; what is read is fetched then.
func (s *s3) Open(ctx context.Context, name string) (_ io.ReadSeekCloser, err error) {
	defer fault.Wrap(&err, "blobs.Open(%s)", name)
	if err := check(name); err != nil {
		return nil, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, unavailable(err)
	}
	if _, err := object.Stat(); err != nil {
		_ = object.Close()
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			return nil, fault.Because(err, fault.NotFound, "There is no such file.")
		}
		return nil, unavailable(err)
	}
	return object, nil
}

func (s *s3) Delete(ctx context.Context, name string) (err error) {
	defer fault.Wrap(&err, "blobs.Delete(%s)", name)
	if err := check(name); err != nil {
		return err
	}
	return unavailable(s.client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{}))
}

// Ready reports whether the bucket is there and opens to our key.
func (s *s3) Ready(ctx context.Context) error {
	found, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !found {
		err = errors.New("there is no bucket called " + s.bucket)
	}
	return unavailable(err)
}
