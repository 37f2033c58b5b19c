using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Storage;

namespace Confab.Server.Rooms;

/// <summary>A room to be created.</summary>
/// <param name="Name">1 to 64 characters, without control characters and <c>/</c>, and neither <c>.</c> nor <c>..</c>.</param>
/// <param name="Topic">Up to 250 characters; empty when not given.</param>
internal sealed record NewRoom(string Name, string? Topic);

/// <summary>What to change about a room: its topic, whether it is archived, or both.</summary>
/// <param name="Topic">Up to 250 characters.</param>
/// <param name="Archived">Whether it can be read only, and is in no list; an archived room takes no topic.</param>
/// <param name="Username">Who changes it.</param>
internal sealed record RoomPatch(string? Topic, bool? Archived, string? Username);

/// <summary>A room.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Topic">What it is about; may be empty.</param>
/// <param name="Head">The last number given in it.</param>
/// <param name="Pins">The ids of the pinned messages, in the order in which they were pinned.</param>
/// <param name="Present">How many people are there now.</param>
/// <param name="LastMessage">The newest message; null when there is none.</param>
/// <param name="Archived">True when it can be read only; absent otherwise.</param>
internal sealed record RoomData(string Name, string Topic, long Head, long[] Pins, int Present, MessageData? LastMessage, bool? Archived);

/// <summary>The rooms over HTTP.</summary>
internal static class RoomEndpoints
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void AddRooms(this WebApplicationBuilder builder) => builder.Services.AddSingleton<RoomDirectory>();

    public static void MapRooms(this WebApplication app)
    {
        var rooms = app.MapGroup("/api/rooms").WithTags("Rooms");
        rooms.MapGet("", List).WithSummary("Every room that is not archived, or every one that is, with its last number, who is present and the last message").Produces<RoomData[]>();
        rooms.MapPost("", Create).WithSummary("Creates a room").RequireRateLimiting(HostingSetup.Writes).Produces<RoomData>(StatusCodes.Status201Created);
        rooms.MapGet("{room}", Get).WithSummary("One room").Produces<RoomData>();
        rooms.MapPatch("{room}", Change).WithSummary("Changes a room's topic, archives it, or takes it back").RequireRateLimiting(HostingSetup.Writes).Produces<RoomData>();
        rooms.MapDelete("{room}", Archive).WithSummary("Archives a room: it can be read only, and is in no list").RequireRateLimiting(HostingSetup.Writes).Produces<RoomData>();
    }

    private static RoomList List(bool? archived, RoomDirectory directory, Readers readers) => new([.. directory.All.OrderBy(room => room.Id)], archived ?? false, readers);

    private static async Task<IResult> Get(string room, RoomDirectory directory, Readers readers) =>
        directory.Find(Encoding.UTF8.GetBytes(room)) is { } found
            ? Results.Bytes(await Describe(found, readers), "application/json")
            : Problems.Of(Room.NotFound);

    private static async Task<IResult> Create(NewRoom asked, HttpContext http, RoomDirectory directory, Readers readers, AddressRates rates, ServerOptions options)
    {
        if (asked.Name is null || !Names.TryNormalize(Encoding.UTF8.GetBytes(asked.Name), options.Limits.RoomNameChars, out var name))
            return Problems.Of(new(RefusalCode.BadRequest, $"`name` is 1 to {options.Limits.RoomNameChars} characters, without control characters."));
        if (!HasAddress(name))
            return Problems.Of(new(RefusalCode.BadRequest, "`name` holds no `/`, and is neither `.` nor `..`."));
        if (CheckTopic(asked.Topic ?? "", options.Limits) is { IsRefused: true } badTopic)
            return Problems.Of(badTopic);
        var rate = rates.Of(ClientAddress.Of(http));
        foreach (var window in new[] { Rate.Rooms, Rate.RoomsOfDay })
        {
            if (rate.Take(window) is { IsRefused: true } tooMany)
                return Problems.Of(tooMany);
        }

        var (room, refusal) = await directory.Create(name, Encoding.UTF8.GetBytes(asked.Topic ?? ""));
        return room is null
            ? Problems.Of(refusal)
            : new Created($"/api/rooms/{Uri.EscapeDataString(Encoding.UTF8.GetString(name))}", await Describe(room, readers));
    }

    private static Task<IResult> Archive(string room, string? username, HttpContext http, RoomDirectory directory, MessageLog log, Readers readers, AddressRates rates, ServerOptions options) =>
        Change(room, new RoomPatch(null, true, username), http, directory, log, readers, rates, options);

    private static async Task<IResult> Change(string room, RoomPatch asked, HttpContext http, RoomDirectory directory, MessageLog log, Readers readers, AddressRates rates, ServerOptions options)
    {
        if (directory.Find(Encoding.UTF8.GetBytes(room)) is not { } found)
            return Problems.Of(Room.NotFound);
        if (asked.Topic is null && asked.Archived is null)
            return Problems.Of(new(RefusalCode.BadRequest, "`topic` and `archived` are missing: one of them is required."));
        if (CheckTopic(asked.Topic ?? "", options.Limits) is { IsRefused: true } badTopic)
            return Problems.Of(badTopic);
        if (!Names.TryNormalize(Encoding.UTF8.GetBytes(asked.Username ?? "guest"), options.Limits.UsernameChars, out var username))
            return Problems.Of(new(RefusalCode.BadRequest, $"`username` is 1 to {options.Limits.UsernameChars} characters, without control characters."));
        if (rates.Of(ClientAddress.Of(http)).Take(Rate.Messages) is { IsRefused: true } tooMany)
            return Problems.Of(tooMany);

        // The topic while the room takes one: after it was taken back, before it is archived.
        if (asked.Archived == false && await directory.Archive(found, username, isArchived: false) is { IsRefused: true } notTaken)
            return Problems.Of(notTaken);
        if (asked.Topic is { } topic && (await log.Store(owner => new RoomChange().Fill(ChangeKind.Topic, found, username, 0, Encoding.UTF8.GetBytes(topic), default, owner))).Refusal is { IsRefused: true } notSet)
            return Problems.Of(notSet);
        if (asked.Archived == true && await directory.Archive(found, username, isArchived: true) is { IsRefused: true } notArchived)
            return Problems.Of(notArchived);
        return Results.Bytes(await Describe(found, readers), "application/json");
    }

    // In a path, %2F stays what it is, so that a/b would be another room, called a%2Fb; and . and .. are taken out, even by clients.
    private static bool HasAddress(ReadOnlySpan<byte> name) => !name.Contains((byte)'/') && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);

    private static Refusal CheckTopic(string topic, Limits limits) =>
        topic.Length > limits.TopicChars ? new(RefusalCode.TooLong, $"`topic` is at most {limits.TopicChars} characters.")
        : Names.IsSafe(topic) ? default
        : new(RefusalCode.BadRequest, "`topic` must not hold control characters.");

    private static Task<byte[]> Describe(Room room, Readers readers) => readers.Query(reader =>
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(bytes, s_options);
        Write(writer, room, reader.Room(room.Id), reader);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    });

    private static void Write(Utf8JsonWriter writer, Room room, RoomRow row, ILogReader reader)
    {
        var newest = History.Newest(reader, room, 1);
        writer.WriteStartObject();
        writer.WriteString("name"u8, row.Name);
        writer.WriteString("topic"u8, row.Topic);
        writer.WriteNumber("head"u8, row.Head);
        writer.WriteStartArray("pins"u8);
        foreach (var message in reader.PinsOf(room))
            writer.WriteNumberValue(message);
        writer.WriteEndArray();
        writer.WriteNumber("present"u8, room.Present);
        writer.WritePropertyName("last_message"u8);
        // The array of one, without its brackets.
        if (newest.Length > 2)
            writer.WriteRawValue(newest.AsSpan(1, newest.Length - 2), skipInputValidation: true);
        else
            writer.WriteNullValue();
        if (row.IsArchived)
            writer.WriteBoolean("archived"u8, true);
        writer.WriteEndObject();
    }

    private sealed class Created(string location, byte[] json) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.Headers.Location = http.Request.PathBase + location;
            http.Response.ContentType = "application/json";
            return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
        }
    }

    // A last message may have 80 KiB with its HTML, so the list is written a few rooms at a time, as fast as it is read.
    private sealed class RoomList(Room[] rooms, bool areArchived, Readers readers) : IResult
    {
        private const int AtATime = 16;

        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = "application/json";
            var body = http.Response.Body;
            await body.WriteAsync("["u8.ToArray(), http.RequestAborted);
            var isFirst = true;
            for (var from = 0; from < rooms.Length; from += AtATime)
            {
                var (first, some) = (isFirst, rooms.AsMemory(from, Math.Min(AtATime, rooms.Length - from)));
                var written = await readers.Query(reader => Write(some.Span, first, reader));
                isFirst &= written.Length == 0;
                await body.WriteAsync(written, http.RequestAborted);
            }

            await body.WriteAsync("]"u8.ToArray(), http.RequestAborted);
        }

        private byte[] Write(ReadOnlySpan<Room> rooms, bool first, ILogReader reader)
        {
            var bytes = new ArrayBufferWriter<byte>(4096);
            using var writer = new Utf8JsonWriter(bytes, s_options);
            foreach (var room in rooms)
            {
                var row = reader.Room(room.Id);
                if (row.IsArchived != areArchived)
                    continue;
                if (!first)
                    bytes.Write(","u8);
                first = false;
                RoomEndpoints.Write(writer, room, row, reader);
                writer.Flush();
                writer.Reset();
            }

            return bytes.WrittenSpan.ToArray();
        }
    }
}
